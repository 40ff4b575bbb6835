import { createHmac } from 'node:crypto';
import type { Random } from '@rootcellar/core';
import type { BackupEncryption } from '../../phone/backup-encryption.ts';
import type { ManifestRow } from '../manifest-row.ts';
import type { Sealing } from '../sealing.ts';
import { encodeClassedKey, openClassedKey, wrapKey } from './key-wrap.ts';
import { passwordLock } from './keychain-sealing.ts';
import { sealedContent, unsealed } from './sealed-content.ts';

/** Class of the key of Manifest.db. Source: nearly every backup; 3 and 2 were seen too. */
const MANIFEST_CLASS = 4;

/** What has no class of its own, or one that locks no files, counts as the default of iOS for apps. */
const DEFAULT_CLASS = 3;

/** With a password: each version of a file under its own key, and the keys under those of the classes. */
export function encryptedSealing(encryption: BackupEncryption, random: Random): Sealing {
  const { classKeys, keybag, fileSecret } = encryption;
  const wrapped = (protectionClass: number, key: Uint8Array): Uint8Array =>
    encodeClassedKey(protectionClass, wrapKey(classKey(encryption, protectionClass), key));
  const manifestKey = random.bytes(32);
  return {
    encrypted: true,
    keychainLock: passwordLock(classKeys, fileSecret),
    seal: (row, content) => {
      const key = fileKey(fileSecret, row);
      const encryptionKey = wrapped(classOf(row), key);
      return { row: { ...row, encryptionKey }, payload: sealedContent(content, key) };
    },
    sealManifestDb: (db) => sealedContent(db, manifestKey),
    openManifestDb: (sealed, properties) => {
      if (!properties.isEncrypted || properties.manifestKey === undefined) return undefined;
      const key = openClassedKey(classKeys, properties.manifestKey);
      return key && unsealed(sealed, key);
    },
    manifestKeys: {
      IsEncrypted: true,
      BackupKeyBag: keybag,
      ManifestKey: wrapped(MANIFEST_CLASS, manifestKey),
    },
  };
}

function classKey({ classKeys }: BackupEncryption, protectionClass: number): Uint8Array {
  const key = classKeys.get(protectionClass);
  if (key === undefined) throw new RangeError('A phone without a key for one of its classes');
  return key;
}

function classOf({ protectionClass }: ManifestRow): number {
  return protectionClass >= 1 && protectionClass <= 4 ? protectionClass : DEFAULT_CLASS;
}

/**
 * Drawn from what no two versions of a file have in common: every change of one moves its change time
 * on. So a file that stays as it is keeps its key, also when an interrupted run is begun again.
 */
function fileKey(secret: Uint8Array, row: ManifestRow): Uint8Array {
  const { fileID, inode, modifiedAt, changedAt, sizeBytes } = row;
  return createHmac('sha256', secret)
    .update(`${fileID} ${inode} ${modifiedAt} ${changedAt} ${sizeBytes}`)
    .digest();
}
