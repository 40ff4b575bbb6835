import { createHash } from 'node:crypto';
import { HashTable, packHash } from '@rootcellar/backup';
import { isInside, nameOf, parentOf, type TreePath, type WritableTree } from '@rootcellar/core';

export interface WrittenHashes {
  /** Packed SHA-256 of what was written in this run and is still there, which is forgotten then: there may be a million. */
  take(path: TreePath): string | undefined;
}

/** A tree that knows the SHA-256 of everything that was written through it. */
export interface HashingTree {
  readonly tree: WritableTree;
  readonly written: WrittenHashes;
}

export function hashingTree(tree: WritableTree): HashingTree {
  const written = new PathHashes();
  return {
    written,
    tree: {
      ...readsOf(tree),
      makeFolder: (path) => tree.makeFolder(path),
      async write(path, content) {
        written.forget(path);
        const hash = createHash('sha256');
        await tree.write(path, hashed(content, hash));
        written.set(path, packHash(hash.digest()));
      },
      async move(from, to) {
        await tree.move(from, to);
        if (from !== to) written.follow(from, to);
      },
      async remove(path) {
        await tree.remove(path);
        written.forget(path);
      },
      freeBytes: () => tree.freeBytes(),
      flush: () => tree.flush(),
    },
  };
}

/** Hashes by folder, then by name: a phone moves and removes files by the ten thousand, one at a time. */
class PathHashes implements WrittenHashes {
  readonly #folders = new Map<TreePath, HashTable>();

  take(path: TreePath): string | undefined {
    const [folder, name] = [parentOf(path), nameOf(path)];
    const hashes = this.#folders.get(folder);
    const hash = hashes?.get(name);
    if (hashes?.delete(name) && hashes.size === 0) this.#folders.delete(folder);
    return hash;
  }

  set(path: TreePath, hash: string): void {
    const folder = parentOf(path);
    const hashes = this.#folders.get(folder) ?? new HashTable();
    this.#folders.set(folder, hashes);
    hashes.set(nameOf(path), hash);
  }

  /** Of a file, or of everything in a folder. */
  forget(path: TreePath): void {
    if (this.take(path) !== undefined) return;
    for (const folder of this.#folders.keys()) if (isInside(folder, path)) this.#folders.delete(folder);
  }

  follow(from: TreePath, to: TreePath): void {
    this.forget(to);
    const hash = this.take(from);
    if (hash !== undefined) {
      this.set(to, hash);
      return;
    }
    for (const [folder, hashes] of [...this.#folders]) {
      if (!isInside(folder, from)) continue;
      this.#folders.delete(folder);
      this.#folders.set(`${to}${folder.slice(from.length)}` as TreePath, hashes);
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
