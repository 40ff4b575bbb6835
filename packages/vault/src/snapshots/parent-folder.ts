import type { TreeEntry } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import type { BlobIndex } from '../repository/blob-index.ts';
import type { BlobReader } from '../repository/blob-reader.ts';
import { plainBytes } from '../repository/pack-header.ts';
import { decodeTree, type FileNode, type TreeNode } from './tree-format.ts';

/** A folder as it was in the snapshot before: to find what has not changed. */
export type ParentFolder = ReadonlyMap<string, TreeNode>;

export const NO_PARENT: ParentFolder = new Map();

/** A parent that cannot be read is as good as none: its files are stored once more. */
export async function loadParentFolder(
  reader: BlobReader,
  treeID: string | undefined,
): Promise<ParentFolder> {
  if (treeID === undefined) return NO_PARENT;
  try {
    const nodes = decodeTree(await reader.read(treeID, 'tree'));
    return new Map(nodes.map((node) => [node.name, node]));
  } catch (error) {
    if (vaultError.matches(error)) return NO_PARENT;
    throw error;
  }
}

/** Says whether a file is what it was, so that it need not be read. Both times are to the millisecond. */
export type IsUnchanged = (
  entry: TreeEntry,
  before: { readonly sizeBytes: number; readonly modifiedAt: Date },
) => boolean;

export const sameSizeAndTime: IsUnchanged = (entry, before) =>
  entry.sizeBytes === before.sizeBytes && entry.modifiedAt.getTime() === before.modifiedAt.getTime();

/** Every piece of the file is in the vault, and together they are as long as it is. */
export function isWholeInVault(node: FileNode, index: BlobIndex): boolean {
  let bytes = 0;
  for (const id of node.content) {
    const blob = index.get(id, 'data');
    if (blob === undefined) return false;
    bytes += plainBytes(blob);
  }
  return bytes === node.sizeBytes;
}
