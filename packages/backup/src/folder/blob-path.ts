import { createHash } from 'node:crypto';
import { type TreePath, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';

const FILE_ID = /^[0-9a-f]{40}$/;

/** Is it the name of a blob: 40 lower-case hex digits? */
export function isFileID(text: string): boolean {
  return FILE_ID.test(text);
}

/**
 * The name under which a backup keeps a file: SHA-1 of `domain-relativePath`, in hex. The text is hashed as
 * it is, without Unicode normalisation.
 *
 * Source: backups of iOS 14 and 15, all 3,721 rows of one manifest.
 */
export function fileIDOf(domain: string, relativePath: string): string {
  return createHash('sha1').update(`${domain}-${relativePath}`).digest('hex');
}

/** The same for names that may be no UTF-8. */
export function fileIDOfBytes(domain: Uint8Array, relativePath: Uint8Array): string {
  return createHash('sha1').update(domain).update('-').update(relativePath).digest('hex');
}

/**
 * How blobs lie in the device folder: `sharded` in folders named after their first two digits, as written from
 * iOS 10 on; `flat` beside the control files, up to iOS 9.
 */
export type BlobLayout = 'sharded' | 'flat';

/**
 * Where the content lies inside the device folder. The manifest is untrusted.
 * @throws `backup.file-id-invalid`
 */
export function blobPath(fileID: string, layout: BlobLayout = 'sharded'): TreePath {
  if (!isFileID(fileID)) throw backupError('file-id-invalid', { lengthCharacters: fileID.length });
  return treePath(layout === 'flat' ? fileID : `${fileID.slice(0, 2)}/${fileID}`);
}
