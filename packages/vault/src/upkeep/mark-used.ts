import { vaultError } from '../errors.ts';
import type { BlobIndex } from '../repository/blob-index.ts';
import type { BlobReader } from '../repository/blob-reader.ts';
import { decodeTree } from '../snapshots/tree-format.ts';
import { BlobMarks } from './blob-marks.ts';

/**
 * Finds all blobs that these trees need.
 *
 * @throws `vault.blob-missing`, `vault.blob-damaged`, `vault.tree-damaged`: then nobody knows what is needed
 */
export async function markUsed(
  { index, reader }: { readonly index: BlobIndex; readonly reader: BlobReader },
  roots: readonly string[],
  signal: AbortSignal,
): Promise<BlobMarks> {
  const used = new BlobMarks(index);
  const waiting = [...roots];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    signal.throwIfAborted();
    if (used.has(id, 'tree')) continue;
    const nodes = decodeTree(await reader.read(id, 'tree', { signal }));
    used.add(id, 'tree');
    for (const node of nodes) {
      if (node.kind === 'folder') waiting.push(node.subtree);
      else if (!node.content.every((blob) => used.add(blob, 'data'))) throw vaultError('blob-missing');
    }
  }
  return used;
}
