import {
  type ByteRange,
  joinPath,
  nameOf,
  parentOf,
  type ReadableTree,
  type ReadOptions,
  ROOT,
  type TreeEntry,
  type TreePath,
  treeError,
} from '@rootcellar/core';
import type { BlobReader } from '../repository/blob-reader.ts';
import type { Contents } from '../repository/contents.ts';
import { LruCache } from '../repository/lru-cache.ts';
import { PackedFolder } from './packed-folder.ts';
import type { Snapshot } from './snapshot.ts';
import { decodeTree, type FileNode, type TreeNode } from './tree-format.ts';

/** Pieces that `read` gives. */
const PIECE_BYTES = 256 * 1024;

/** Of folders that are kept: a hundred thousand files. */
const CACHED_BYTES_MAX = 12 * 1024 * 1024;

/**
 * A snapshot as a tree. It reads what is asked for and no more: of a file only the pieces that a range needs, each
 * checked against its digest.
 *
 * What is neither file nor folder is not shown. A name that no `TreePath` can hold is refused when its folder is
 * listed: other programs than ours may have stored it.
 *
 * Its calls throw `vault.blob-missing`, `vault.blob-damaged`, `vault.tree-damaged` and what the storage throws,
 * besides what a tree throws.
 */
export function openSnapshot(contents: Contents, snapshot: Pick<Snapshot, 'tree'>): ReadableTree {
  return new SnapshotTree(contents.reader, snapshot.tree);
}

class SnapshotTree implements ReadableTree {
  readonly #reader: BlobReader;
  readonly #root: string;
  readonly #folders = new LruCache<string, PackedFolder>(CACHED_BYTES_MAX, ({ bytes }) => bytes);
  /** The last one that they were too small for: up to iOS 9, all files of a phone lay in one folder. */
  #huge: { readonly id: string; readonly folder: PackedFolder } | undefined;

  constructor(reader: BlobReader, root: string) {
    this.#reader = reader;
    this.#root = root;
  }

  async *list(path: TreePath): AsyncIterable<TreeEntry> {
    const folder = await this.#folderAt(path);
    if (folder === undefined) {
      if ((await this.#find(path))?.kind === 'file') throw treeError('not-a-folder');
      return;
    }
    for (const node of folder.nodes()) yield entryOf(joinPath(path, node.name), node);
  }

  async stat(path: TreePath): Promise<TreeEntry | undefined> {
    if (path === ROOT) return { path, kind: 'folder', sizeBytes: 0, modifiedAt: new Date(0) };
    const node = await this.#find(path);
    return node && entryOf(path, node);
  }

  async foresee(paths: readonly TreePath[]): Promise<void> {
    try {
      const ids: string[] = [];
      for (const path of paths) {
        const node = await this.#find(path);
        if (node?.kind !== 'file') continue;
        ids.push(...node.content.slice(0, this.#reader.countAhead(node.content)));
      }
      this.#reader.foresee(ids);
    } catch {
      // What is damaged or missing is told to whoever reads it.
    }
  }

  async *read(
    path: TreePath,
    range: ByteRange = { start: 0 },
    options?: ReadOptions,
  ): AsyncIterable<Uint8Array> {
    const node = path === ROOT ? undefined : await this.#find(path);
    if (path === ROOT || node?.kind === 'folder') throw treeError('is-a-folder');
    if (node === undefined) throw treeError('not-found');
    const { ids, skipBytes } = this.#piecesFor(node, range);
    let left = (range.end ?? Number.POSITIVE_INFINITY) - range.start;
    let skip = skipBytes;
    for await (const plain of this.#reader.readAll(ids, options)) {
      const end = Math.min(plain.length, skip + left);
      for (let at = skip; at < end; at += PIECE_BYTES) {
        yield plain.subarray(at, Math.min(end, at + PIECE_BYTES));
      }
      left -= Math.max(0, end - skip);
      skip = 0;
    }
  }

  /** The pieces that a range touches, and how much of the first lies before it. */
  #piecesFor({ content }: FileNode, { start, end = Number.POSITIVE_INFINITY }: ByteRange) {
    const ids: string[] = [];
    let at = 0;
    let skipBytes = 0;
    if (start >= end) return { ids, skipBytes };
    for (const id of content) {
      if (at >= end) break;
      const bytes = this.#reader.sizeOf(id, 'data');
      if (at + bytes > start) {
        if (ids.length === 0) skipBytes = Math.max(0, start - at);
        ids.push(id);
      }
      at += bytes;
    }
    return { ids, skipBytes };
  }

  async #find(path: TreePath): Promise<TreeNode | undefined> {
    return (await this.#folderAt(parentOf(path)))?.get(nameOf(path));
  }

  async #folderAt(path: TreePath): Promise<PackedFolder | undefined> {
    let folder = await this.#load(this.#root);
    if (path === ROOT) return folder;
    for (const name of path.split('/')) {
      const node = folder.get(name);
      if (node?.kind !== 'folder') return undefined;
      folder = await this.#load(node.subtree);
    }
    return folder;
  }

  async #load(id: string): Promise<PackedFolder> {
    const cached = this.#huge?.id === id ? this.#huge.folder : this.#folders.get(id);
    if (cached !== undefined) return cached;
    const folder = new PackedFolder(decodeTree(await this.#reader.read(id, 'tree')));
    if (!this.#folders.set(id, folder)) this.#huge = { id, folder };
    return folder;
  }
}

function entryOf(path: TreePath, node: TreeNode): TreeEntry {
  const { kind, modifiedAt } = node;
  return { path, kind, modifiedAt, sizeBytes: node.kind === 'file' ? node.sizeBytes : 0 };
}
