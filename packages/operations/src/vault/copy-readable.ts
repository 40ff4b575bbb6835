import {
  AtOnce,
  entryToRead,
  foreseeing,
  joinPath,
  type ReadableTree,
  ROOT,
  saysDamage,
  type TreeEntry,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';

/** While some wait for the vault or the disk, others are written. */
const FILES_AT_ONCE = 4;

export interface Copied {
  readonly files: number;
  readonly bytes: number;
  /** Files whose content, and folders whose list, is damaged or gone where they were read. */
  readonly lost: readonly TreePath[];
}

export interface CopyReadableOptions {
  readonly onProgress?: ((sofar: Omit<Copied, 'lost'>) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies all of a tree that can be read.
 *
 * @param to a folder that is there
 * @throws what the trees throw, but for damage of what is read
 */
export async function copyReadable(
  tree: ReadableTree,
  { home, to }: { readonly home: WritableTree; readonly to: TreePath },
  { onProgress, signal }: CopyReadableOptions,
): Promise<Copied> {
  const sofar = { files: 0, bytes: 0 };
  const lost: TreePath[] = [];
  const copying = new AtOnce(FILES_AT_ONCE);
  try {
    const entries = readable(tree, ROOT, (path) => lost.push(path));
    for await (const { path, kind, sizeBytes } of foreseeing(tree, entries, entryToRead)) {
      signal?.throwIfAborted();
      const place = joinPath(to, path);
      if (kind === 'folder') {
        await home.makeFolder(place);
        continue;
      }
      await copying.start(async () => {
        if (!(await copyFile(tree, path, { home, place }))) {
          lost.push(path);
          return;
        }
        sofar.files += 1;
        sofar.bytes += sizeBytes;
        onProgress?.({ ...sofar });
      });
    }
  } finally {
    // Also when it failed: nobody may write below a folder that is about to be removed.
    await copying.end();
  }
  return { ...sofar, lost: lost.sort() };
}

/** @returns whether it could be read; of one that could not, nothing stays */
async function copyFile(
  tree: ReadableTree,
  path: TreePath,
  { home, place }: { readonly home: WritableTree; readonly place: TreePath },
): Promise<boolean> {
  let failure: unknown;
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* tree.read(path, undefined, { lent: true });
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  try {
    await home.write(place, pieces());
    return true;
  } catch (error) {
    // The disk that is written to may be damaged, too; that is no matter of this file.
    if (error !== failure || !saysDamage(error)) throw error;
    await home.remove(place);
    return false;
  }
}

/** Folders before what they hold. */
async function* readable(
  tree: ReadableTree,
  folder: TreePath,
  onLost: (folder: TreePath) => void,
): AsyncGenerator<TreeEntry> {
  const entries = await Array.fromAsync(tree.list(folder)).catch((error: unknown) => {
    // Without its outermost list there is nothing to copy.
    if (folder === ROOT || !saysDamage(error)) throw error;
    onLost(folder);
    return [];
  });
  for (const entry of entries) {
    yield entry;
    if (entry.kind === 'folder') yield* readable(tree, entry.path, onLost);
  }
}
