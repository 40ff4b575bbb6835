import type { PlistDict } from '@rootcellar/codecs';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { ManifestRow } from './manifest-row.ts';

/** What happens to bytes on their way into a backup. The place where encryption will go. */
export interface Sealing {
  readonly encrypted: boolean;
  /** The payload of a file, and what its row must say so that it can be opened again. */
  seal(row: ManifestRow, content: FileContent): { readonly row: ManifestRow; readonly payload: FileContent };
  sealManifestDb(db: FileContent): FileContent;
  /** What Manifest.plist says about it. */
  readonly manifestKeys: PlistDict;
}

/** No password: everything goes as it is. */
export const plainSealing: Sealing = {
  encrypted: false,
  seal: (row, content) => ({ row, payload: content }),
  sealManifestDb: (db) => db,
  manifestKeys: { IsEncrypted: false },
};
