import { type Clock, systemClock } from '../clock.ts';
import { treeError } from '../errors.ts';
import type { ByteRange, TreeEntry, WritableTree } from './tree.ts';
import { nameOf, parentOf, ROOT, requireApart, type TreePath } from './tree-path.ts';

interface File {
  readonly kind: 'file';
  readonly bytes: Uint8Array;
  readonly modifiedAt: Date;
}

interface Folder {
  readonly kind: 'folder';
  readonly children: Map<string, Node>;
  readonly modifiedAt: Date;
}

type Node = File | Folder;

/** Pieces that `read` gives: small enough to interleave, large enough to be few. */
const PIECE_BYTES = 256 * 1024;

export interface MemoryTreeOptions {
  readonly clock?: Clock;
  /** Writes beyond this much content fail with `tree.disk-full`. Default: no limit. */
  readonly capacityBytes?: number;
}

/** A tree that lives in memory, for tests and for small things. */
export function memoryTree(options: MemoryTreeOptions = {}): WritableTree {
  return new MemoryTree(options);
}

class MemoryTree implements WritableTree {
  readonly #clock: Clock;
  readonly #capacityBytes: number;
  readonly #root: Folder;
  #usedBytes = 0;

  constructor({ clock = systemClock, capacityBytes = Number.MAX_SAFE_INTEGER }: MemoryTreeOptions) {
    this.#clock = clock;
    this.#capacityBytes = capacityBytes;
    this.#root = this.#newFolder();
  }

  async *list(folder: TreePath): AsyncIterable<TreeEntry> {
    const node = this.#find(folder);
    if (node === undefined) return;
    if (node.kind !== 'folder') throw treeError('not-a-folder');
    for (const [name, child] of [...node.children]) {
      yield entryOf((folder === ROOT ? name : `${folder}/${name}`) as TreePath, child);
    }
  }

  async stat(path: TreePath): Promise<TreeEntry | undefined> {
    const node = this.#find(path);
    return node && entryOf(path, node);
  }

  async *read(path: TreePath, range: ByteRange = { start: 0 }): AsyncIterable<Uint8Array> {
    const node = this.#find(path);
    if (node === undefined) throw treeError('not-found');
    if (node.kind === 'folder') throw treeError('is-a-folder');
    const end = Math.min(range.end ?? node.bytes.length, node.bytes.length);
    for (let at = range.start; at < end; at += PIECE_BYTES) {
      yield node.bytes.subarray(at, Math.min(end, at + PIECE_BYTES));
    }
  }

  async makeFolder(path: TreePath): Promise<void> {
    this.#ensureFolder(path);
  }

  async write(path: TreePath, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    if (this.#find(path)?.kind === 'folder') throw treeError('is-a-folder');
    const parent = this.#ensureFolder(parentOf(path));
    this.#replace(parent, nameOf(path), this.#newFile(new Uint8Array()));
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of content) {
        if (this.#usedBytes + piece.length > this.#capacityBytes) throw treeError('disk-full');
        this.#usedBytes += piece.length;
        pieces.push(Uint8Array.from(piece));
      }
    } finally {
      parent.children.set(nameOf(path), this.#newFile(Buffer.concat(pieces)));
    }
  }

  async move(from: TreePath, to: TreePath): Promise<void> {
    const node = this.#find(from);
    if (node === undefined) throw treeError('not-found');
    if (from === to) return;
    requireApart(from, to);
    const parent = this.#ensureFolder(parentOf(to));
    this.#folderAt(parentOf(from)).children.delete(nameOf(from));
    this.#replace(parent, nameOf(to), node);
  }

  async remove(path: TreePath): Promise<void> {
    const parent = path === ROOT ? undefined : this.#find(parentOf(path));
    if (path === ROOT) for (const name of [...this.#root.children.keys()]) this.#drop(this.#root, name);
    else if (parent?.kind === 'folder') this.#drop(parent, nameOf(path));
  }

  async freeBytes(): Promise<number> {
    return this.#capacityBytes - this.#usedBytes;
  }

  async flush(): Promise<void> {}

  #find(path: TreePath): Node | undefined {
    if (path === ROOT) return this.#root;
    let node: Node | undefined = this.#root;
    for (const name of path.split('/')) {
      if (node?.kind !== 'folder') return undefined;
      node = node.children.get(name);
    }
    return node;
  }

  #folderAt(path: TreePath): Folder {
    const node = this.#find(path);
    if (node?.kind !== 'folder') throw treeError('not-a-folder');
    return node;
  }

  #ensureFolder(path: TreePath): Folder {
    let folder = this.#root;
    if (path === ROOT) return folder;
    for (const name of path.split('/')) {
      let next = folder.children.get(name);
      if (next === undefined) {
        next = this.#newFolder();
        folder.children.set(name, next);
      }
      if (next.kind !== 'folder') throw treeError('not-a-folder');
      folder = next;
    }
    return folder;
  }

  #replace(parent: Folder, name: string, node: Node): void {
    this.#drop(parent, name);
    parent.children.set(name, node);
  }

  #drop(parent: Folder, name: string): void {
    const node = parent.children.get(name);
    if (node === undefined) return;
    parent.children.delete(name);
    this.#usedBytes -= contentBytes(node);
  }

  #newFile(bytes: Uint8Array): File {
    return { kind: 'file', bytes, modifiedAt: this.#clock.now() };
  }

  #newFolder(): Folder {
    return { kind: 'folder', children: new Map(), modifiedAt: this.#clock.now() };
  }
}

function entryOf(path: TreePath, node: Node): TreeEntry {
  return {
    path,
    kind: node.kind,
    sizeBytes: node.kind === 'file' ? node.bytes.length : 0,
    modifiedAt: node.modifiedAt,
  };
}

function contentBytes(node: Node): number {
  if (node.kind === 'file') return node.bytes.length;
  let bytes = 0;
  for (const child of node.children.values()) bytes += contentBytes(child);
  return bytes;
}
