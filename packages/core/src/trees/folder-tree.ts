import {
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, lstat, open, opendir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { treeError } from '../errors.ts';
import { isErrno, treeErrorFor } from './disk-errors.ts';
import type { ByteRange, TreeEntry, WritableTree } from './tree.ts';
import { parentOf, ROOT, requireApart, type TreePath } from './tree-path.ts';

/** Pieces that `read` gives. */
const PIECE_BYTES = 256 * 1024;

/** A file that arrives whole within this much is written with synchronous calls: 3 instead of ~12 thread hops. */
const SMALL_FILE_BYTES = 256 * 1024;

/** Files flushed at the same time; the kernel merges them into few journal commits. */
const FLUSHES_AT_ONCE = 16;

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const OLD_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

export interface FolderTreeOptions {
  /** Permissions of folders that are made; files get the same without the execute bits. Default 0o700. */
  readonly folderMode?: number;
}

/**
 * A folder on a disk as a tree. It is made if missing, also its parents.
 *
 * Symbolic links below it are neither followed nor listed, so whoever writes through this tree stays
 * inside; the folder itself may be reached through a link, because people move backups that way.
 *
 * @throws `tree.not-permitted`, `tree.not-a-folder`
 */
export function folderTree(directory: string, options: FolderTreeOptions = {}): WritableTree {
  try {
    mkdirSync(directory, { recursive: true, mode: options.folderMode ?? 0o700 });
    return new FolderTree(realpathSync(directory), options.folderMode ?? 0o700);
  } catch (error) {
    throw treeErrorFor(error);
  }
}

class FolderTree implements WritableTree {
  readonly #root: string;
  readonly #folderMode: number;
  /** Folders seen to be folders and not links: each is looked at once, not for every file. */
  readonly #knownFolders = new Set<TreePath>([ROOT]);
  readonly #unflushed = new Set<TreePath>();

  constructor(root: string, folderMode: number) {
    this.#root = root;
    this.#folderMode = folderMode;
  }

  async *list(folder: TreePath): AsyncIterable<TreeEntry> {
    if (!(await this.#isFolder(folder))) return;
    try {
      const directory = await opendir(this.#at(folder), { bufferSize: 256 });
      for await (const entry of directory) {
        if (!entry.isFile() && !entry.isDirectory()) continue;
        const found = await this.#entryOf(folder, entry);
        if (found !== undefined) yield found;
      }
    } catch (error) {
      throw treeErrorFor(error);
    }
  }

  async stat(path: TreePath): Promise<TreeEntry | undefined> {
    if (path !== ROOT && !(await this.#isFolder(parentOf(path), 'quietly'))) return undefined;
    try {
      const stats = await lstat(this.#at(path));
      if (!stats.isFile() && !stats.isDirectory()) return undefined;
      const kind = stats.isFile() ? 'file' : 'folder';
      return { path, kind, sizeBytes: kind === 'file' ? stats.size : 0, modifiedAt: stats.mtime };
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw treeErrorFor(error);
    }
  }

  async *read(path: TreePath, range: ByteRange = { start: 0 }): AsyncIterable<Uint8Array> {
    const handle = await this.#openForReading(path);
    try {
      let at = range.start;
      while (range.end === undefined || at < range.end) {
        const wanted = Math.min(PIECE_BYTES, (range.end ?? Number.POSITIVE_INFINITY) - at);
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw treeErrorFor(error);
    } finally {
      await handle.close();
    }
  }

  async makeFolder(path: TreePath): Promise<void> {
    this.#ensureFolder(path);
  }

  async write(path: TreePath, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    this.#ensureFolder(parentOf(path));
    this.#unflushed.add(path);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const source = asyncIterator(content);
    while (bytes <= SMALL_FILE_BYTES) {
      const next = await source.next();
      if (next.done) return this.#writeSmall(path, pieces);
      pieces.push(next.value);
      bytes += next.value.length;
    }
    await this.#writeLarge(path, pieces, source);
  }

  async move(from: TreePath, to: TreePath): Promise<void> {
    const entry = await this.stat(from);
    if (entry === undefined) throw treeError('not-found');
    if (from === to) return;
    requireApart(from, to);
    this.#ensureFolder(parentOf(to));
    try {
      await this.#renameOver(entry, to);
    } catch (error) {
      throw treeErrorFor(error);
    }
    this.#forget(from);
    this.#unflushed.add(to);
  }

  async remove(path: TreePath): Promise<void> {
    if (path === ROOT) {
      for await (const entry of this.list(ROOT)) await this.remove(entry.path);
      return;
    }
    if (!(await this.#isFolder(parentOf(path), 'quietly'))) return;
    this.#forget(path);
    try {
      await rm(this.#at(path), { recursive: true, force: true });
    } catch (error) {
      throw treeErrorFor(error);
    }
  }

  async freeBytes(): Promise<number> {
    try {
      const space = await statfs(this.#root);
      return space.bavail * space.bsize;
    } catch (error) {
      throw treeErrorFor(error);
    }
  }

  async flush(): Promise<void> {
    const paths = [...this.#unflushed];
    const folders = new Set(paths.map(parentOf));
    for (const folder of [...folders]) for (let f = folder; f !== ROOT; f = parentOf(f)) folders.add(f);
    folders.add(ROOT);
    try {
      await flushAll(paths.map((path) => this.#at(path)));
      await flushAll([...folders].map((folder) => this.#at(folder)));
    } catch (error) {
      throw treeErrorFor(error);
    }
    for (const path of paths) this.#unflushed.delete(path);
  }

  #at(path: TreePath): string {
    return path === ROOT ? this.#root : join(this.#root, path);
  }

  async #entryOf(folder: TreePath, entry: Dirent): Promise<TreeEntry | undefined> {
    return this.stat((folder === ROOT ? entry.name : `${folder}/${entry.name}`) as TreePath);
  }

  /** Is there a real folder, with only real folders above it? A file there is an error unless `quietly`. */
  async #isFolder(path: TreePath, quietly?: 'quietly'): Promise<boolean> {
    if (this.#knownFolders.has(path)) return true;
    if (!(await this.#isFolder(parentOf(path), quietly))) return false;
    try {
      const stats = await lstat(this.#at(path));
      if (!stats.isDirectory()) {
        if (quietly) return false;
        throw treeError('not-a-folder');
      }
      this.#knownFolders.add(path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
      throw treeErrorFor(error);
    }
  }

  #ensureFolder(path: TreePath): void {
    if (this.#knownFolders.has(path)) return;
    this.#ensureFolder(parentOf(path));
    try {
      mkdirSync(this.#at(path), { mode: this.#folderMode });
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw treeErrorFor(error);
      if (!lstatSync(this.#at(path)).isDirectory()) throw treeError('not-a-folder');
    }
    this.#knownFolders.add(path);
  }

  /** What is below a moved or removed folder must be looked at again. */
  #forget(path: TreePath): void {
    this.#unflushed.delete(path);
    if (!this.#knownFolders.delete(path)) return;
    for (const known of this.#knownFolders)
      if (known.startsWith(`${path}/`)) this.#knownFolders.delete(known);
    for (const unflushed of this.#unflushed) {
      if (unflushed.startsWith(`${path}/`)) this.#unflushed.delete(unflushed);
    }
  }

  async #openForReading(path: TreePath): Promise<FileHandle> {
    const entry = await this.stat(path);
    if (entry === undefined) throw treeError('not-found');
    if (entry.kind === 'folder') throw treeError('is-a-folder');
    try {
      return await open(this.#at(path), OLD_FILE);
    } catch (error) {
      throw treeErrorFor(error);
    }
  }

  #openNew(path: TreePath): number {
    const file = this.#at(path);
    const mode = this.#folderMode & 0o666;
    try {
      return openSync(file, NEW_FILE, mode);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw treeErrorFor(error);
    }
    if (lstatSync(file).isDirectory()) throw treeError('is-a-folder');
    try {
      unlinkSync(file);
      return openSync(file, NEW_FILE, mode);
    } catch (error) {
      throw treeErrorFor(error);
    }
  }

  #writeSmall(path: TreePath, pieces: readonly Uint8Array[]): void {
    const descriptor = this.#openNew(path);
    try {
      for (const piece of pieces) writeWhole(descriptor, piece);
    } catch (error) {
      throw treeErrorFor(error);
    } finally {
      closeSync(descriptor);
    }
  }

  async #writeLarge(
    path: TreePath,
    begun: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ): Promise<void> {
    closeSync(this.#openNew(path));
    const handle = await this.#openForAppending(path);
    try {
      for (const piece of begun) await appendWhole(handle, piece);
      for (let next = await rest.next(); !next.done; next = await rest.next()) {
        await appendWhole(handle, next.value);
      }
    } finally {
      await handle.close();
    }
  }

  async #openForAppending(path: TreePath): Promise<FileHandle> {
    try {
      return await open(this.#at(path), constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      throw treeErrorFor(error);
    }
  }

  async #renameOver(from: TreeEntry, to: TreePath): Promise<void> {
    try {
      await rename(this.#at(from.path), this.#at(to));
    } catch (error) {
      if (!isErrno(error, 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
      await this.remove(to);
      await rename(this.#at(from.path), this.#at(to));
    }
    if (from.kind === 'folder') this.#forget(to);
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written, bytes.length - written);
}

async function appendWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  try {
    while (written < bytes.length) {
      written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
    }
  } catch (error) {
    throw treeErrorFor(error);
  }
}

/** Missing ones were removed since: nothing to make durable. */
async function flushAll(files: readonly string[]): Promise<void> {
  const queue = files.values();
  const worker = async (): Promise<void> => {
    for (const file of queue) {
      try {
        const handle = await open(file, OLD_FILE);
        await handle.sync().finally(() => handle.close());
      } catch (error) {
        // Windows cannot open a folder for flushing, and does not need to.
        if (!isErrno(error, 'ENOENT', 'EISDIR', 'EPERM')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: FLUSHES_AT_ONCE }, worker));
}

async function* overSync<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

function asyncIterator<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncIterator<Item> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : overSync(items);
}
