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

/**
 * Where the content lies inside the device folder, as written from iOS 10 on. The manifest is untrusted.
 * @throws `backup.file-id-invalid`
 */
export function blobPath(fileID: string): TreePath {
  if (!isFileID(fileID)) throw backupError('file-id-invalid', { lengthCharacters: fileID.length });
  return treePath(`${fileID.slice(0, 2)}/${fileID}`);
}
