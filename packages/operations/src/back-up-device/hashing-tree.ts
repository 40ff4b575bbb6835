import { createHash } from 'node:crypto';
import { packHash } from '@rootcellar/backup';
import { isInside, nameOf, parentOf, type TreePath, type WritableTree } from '@rootcellar/core';

/** A tree that knows the SHA-256 of everything that was written through it. */
export interface HashingTree {
  readonly tree: WritableTree;
  /** Packed SHA-256 of what was written in this run and is still there, by path. */
  readonly hashes: { get(path: TreePath): string | undefined };
}

export function hashingTree(tree: WritableTree): HashingTree {
  const hashes = new PathHashes();
  return {
    hashes,
    tree: {
      ...readsOf(tree),
      makeFolder: (path) => tree.makeFolder(path),
      async write(path, content) {
        hashes.forget(path);
        const hash = createHash('sha256');
        await tree.write(path, hashed(content, hash));
        hashes.set(path, packHash(hash.digest()));
      },
      async move(from, to) {
        await tree.move(from, to);
        if (from !== to) hashes.follow(from, to);
      },
      async remove(path) {
        await tree.remove(path);
        hashes.forget(path);
      },
      freeBytes: () => tree.freeBytes(),
      flush: () => tree.flush(),
    },
  };
}

/** Hashes by folder, then by name: a phone moves and removes files by the ten thousand, one at a time. */
class PathHashes {
  readonly #folders = new Map<TreePath, Map<string, string>>();

  get(path: TreePath): string | undefined {
    return this.#folders.get(parentOf(path))?.get(nameOf(path));
  }

  set(path: TreePath, hash: string): void {
    const folder = parentOf(path);
    const names = this.#folders.get(folder) ?? new Map<string, string>();
    this.#folders.set(folder, names.set(nameOf(path), hash));
  }

  /** Of a file, or of everything in a folder. */
  forget(path: TreePath): void {
    if (this.#folders.get(parentOf(path))?.delete(nameOf(path))) return;
    for (const folder of this.#folders.keys()) if (isInside(folder, path)) this.#folders.delete(folder);
  }

  follow(from: TreePath, to: TreePath): void {
    const hash = this.get(from);
    this.forget(to);
    if (hash !== undefined) {
      this.forget(from);
      this.set(to, hash);
      return;
    }
    for (const [folder, names] of [...this.#folders]) {
      if (!isInside(folder, from)) continue;
      this.#folders.delete(folder);
      this.#folders.set(`${to}${folder.slice(from.length)}` as TreePath, names);
    }
  }
}

function readsOf(tree: WritableTree): Pick<WritableTree, 'list' | 'stat' | 'read'> {
  return {
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    read: (path, range) => tree.read(path, range),
  };
}

async function* hashed(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}
