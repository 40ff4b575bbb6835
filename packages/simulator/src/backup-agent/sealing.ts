import type { PlistDict } from '@rootcellar/codecs';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { ManifestProperties } from './control-files.ts';
import { deviceLock, type KeychainLock } from './encryption/keychain-sealing.ts';
import type { ManifestRow } from './manifest-row.ts';

/** What a file becomes in a backup. */
export interface SealedFile {
  /** Says what is needed to open the payload. */
  readonly row: ManifestRow;
  readonly payload: FileContent;
}

/** What happens to bytes on their way into a backup. */
export interface Sealing {
  readonly encrypted: boolean;
  /** What locks the items of the keychain, which is sealed in itself before anything else. */
  readonly keychainLock: KeychainLock;
  seal(row: ManifestRow, content: FileContent): SealedFile;
  sealManifestDb(db: FileContent): FileContent;
  /**
   * The Manifest.db of an earlier backup, from what the host sent.
   * @returns `undefined` if it is of other keys: then nothing in that backup can be used again
   */
  openManifestDb(
    sealed: AsyncIterable<Uint8Array>,
    properties: ManifestProperties,
  ): AsyncIterable<Uint8Array> | undefined;
  /** What Manifest.plist says about it. */
  readonly manifestKeys: PlistDict;
}

/** No password: everything goes as it is, but the keychain, which only this phone can open again. */
export function plainSealing(hardwareKey: Uint8Array): Sealing {
  return {
    encrypted: false,
    keychainLock: deviceLock(hardwareKey),
    seal: (row, content) => ({ row, payload: content }),
    sealManifestDb: (db) => db,
    openManifestDb: (sealed, properties) => (properties.isEncrypted ? undefined : sealed),
    manifestKeys: { IsEncrypted: false },
  };
}
