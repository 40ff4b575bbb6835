import { asDict, type PlistDict, parsePropertyList } from '@rootcellar/codecs';
import { type ReadableTree, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';

export type ControlFile = 'Info.plist' | 'Status.plist' | 'Manifest.plist';

/** The largest Info.plist seen has 11.4 MB, most of it icons of apps. */
const CONTROL_FILE_BYTES_MAX = 128 * 1024 * 1024;

/**
 * Reads one of the property lists that describe a backup.
 *
 * @throws `backup.plist-missing`, `backup.plist-empty`, `backup.plist-too-large`, `backup.plist-damaged`
 */
export async function readControlFile(tree: ReadableTree, file: ControlFile): Promise<PlistDict> {
  const path = treePath(file);
  const entry = await tree.stat(path);
  if (entry?.kind !== 'file') throw backupError('plist-missing', { file });
  if (entry.sizeBytes === 0) throw backupError('plist-empty', { file });
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of tree.read(path)) {
    sizeBytes += piece.length;
    if (sizeBytes > CONTROL_FILE_BYTES_MAX) throw backupError('plist-too-large', { file, sizeBytes });
    pieces.push(piece);
  }
  return parseControlFile(Buffer.concat(pieces), file);
}

function parseControlFile(bytes: Uint8Array, file: ControlFile): PlistDict {
  try {
    const dict = asDict(parsePropertyList(bytes));
    if (dict !== undefined) return dict;
  } catch (error) {
    throw backupError('plist-damaged', { file }, error);
  }
  throw backupError('plist-damaged', { file });
}
