import { storageError, vaultError } from '../errors.ts';
import type { BlobReader } from '../repository/blob-reader.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { decodeTree, type TreeNode } from '../snapshots/tree-format.ts';
import type { CallOptions } from '../storage/storage.ts';
import { BlobMarks } from './blob-marks.ts';
import type { Places } from './places.ts';

interface Search extends CallOptions {
  readonly reader: BlobReader;
  readonly places: Places;
  readonly snapshots: readonly Snapshot[];
  /** Told of blobs that no index names. */
  readonly onMissing?: (id: string) => void;
}

/** @returns the ids of the snapshots of which anything cannot be read. Each tree is looked at once. */
export async function findDamagedSnapshots(search: Search): Promise<readonly string[]> {
  const { index } = search.places;
  const seen = new BlobMarks(search.places.index);
  const damaged = new BlobMarks(search.places.index);
  const found: string[] = [];
  for (const { id, tree } of search.snapshots) if (await isDamaged(tree)) found.push(id);
  return found;

  async function isDamaged(tree: string): Promise<boolean> {
    search.signal?.throwIfAborted();
    if (seen.has(tree, 'tree')) return damaged.has(tree, 'tree');
    const nodes = await readTree(search, tree);
    let isBad = nodes === undefined;
    if (!index.has(tree, 'tree')) search.onMissing?.(tree);
    for (const node of nodes ?? []) {
      if (node.kind === 'folder') isBad = (await isDamaged(node.subtree)) || isBad;
      else isBad = !node.content.every(isGood) || isBad;
    }
    seen.add(tree, 'tree');
    if (isBad) damaged.add(tree, 'tree');
    return isBad;
  }

  function isGood(id: string): boolean {
    if (!index.has(id, 'data')) search.onMissing?.(id);
    return search.places.isGood(id, 'data');
  }
}

/** @returns `undefined` if it is lost or damaged */
export async function readTree(
  { reader, signal }: CallOptions & { readonly reader: BlobReader },
  id: string,
): Promise<readonly TreeNode[] | undefined> {
  try {
    return decodeTree(await reader.read(id, 'tree', { signal }));
  } catch (error) {
    if (vaultError.matches(error) || isLost(error)) return undefined;
    throw error;
  }
}

/** A pack that is not there, or ends too early: the storage works, the bytes are gone. */
export function isLost(error: unknown): boolean {
  return storageError.matches(error, 'not-found') || storageError.matches(error, 'cut-short');
}
