import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { treeError } from '../errors.ts';
import { isErrno, treeErrorFor } from './disk-errors.ts';
import { flushFiles } from './flush-files.ts';
import { PIECE_BYTES_MAX, PieceMemory } from './piece-memory.ts';
import type { ByteRange, ReadOptions, TreeEntry, WritableTree } from './tree.ts';
import { parentOf, ROOT, requireApart, type TreePath } from './tree-path.ts';
import { writeContent } from './write-content.ts';

/** A smaller file is read at once. */
const PIECE_BYTES = PIECE_BYTES_MAX;

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const OLD_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

export interface FolderTreeOptions {
  /** Permissions of folders that are made; files get the same without the execute bits. Default 0o700. */
  readonly folderMode?: number;
  /**
   * Changes that may wait for `flush`, 20,000 unless given: then they are flushed without being asked, because
   * each is remembered, and a phone has a million files.
   */
  readonly unflushedMax?: number;
}

const UNFLUSHED_MAX = 20_000;

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
    makeFolders(resolve(directory), options.folderMode ?? 0o700);
    return new FolderTree(realpathSync(directory), options);
  } catch (error) {
    throw treeErrorFor(error);
  }
}

/**
 * Looking, making, moving and removing are synchronous calls: each takes microseconds, and a detour
 * over other threads would cost twenty times as much. Content of more than a moment's work is not.
 */
class FolderTree implements WritableTree {
  readonly #root: string;
  readonly #folderMode: number;
  /** Folders seen to be folders and not links: each is looked at once, not for every file. */
  readonly #knownFolders = new Set<TreePath>([ROOT]);
  readonly #unflushed = new Set<TreePath>();
  readonly #unflushedMax: number;

  constructor(root: string, { folderMode = 0o700, unflushedMax = UNFLUSHED_MAX }: FolderTreeOptions) {
    this.#root = root;
    this.#folderMode = folderMode;
    this.#unflushedMax = unflushedMax;
  }

  async *list(folder: TreePath): AsyncIterable<TreeEntry> {
    if (!this.#isFolder(folder)) return;
    for (const name of this.#names(folder)) {
      const path = (folder === ROOT ? name : `${folder}/${name}`) as TreePath;
      const entry = entryOf(path, this.#look(path));
      if (entry !== undefined) yield entry;
    }
  }

  async stat(path: TreePath): Promise<TreeEntry | undefined> {
    return this.#stat(path);
  }

  async *read(
    path: TreePath,
    range: ByteRange = { start: 0 },
    { lent = false }: ReadOptions = {},
  ): AsyncIterable<Uint8Array> {
    const entry = this.#stat(path);
    if (entry === undefined) throw treeError('not-found');
    if (entry.kind === 'folder') throw treeError('is-a-folder');
    if (entry.sizeBytes < PIECE_BYTES) yield* this.#readAtOnce(entry, range, lent);
    else yield* this.#readInPieces(path, range, lent);
  }

  async makeFolder(path: TreePath): Promise<void> {
    this.#ensureFolder(path);
  }

  async write(path: TreePath, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    this.#ensureFolder(parentOf(path));
    this.#unflushed.add(path);
    let descriptor: number | undefined;
    const open = () => {
      descriptor = this.#inFolder(parentOf(path), () => this.#openNew(path));
      return descriptor;
    };
    try {
      await writeContent(open, content);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
    await this.#flushIfMany();
  }

  async move(from: TreePath, to: TreePath): Promise<void> {
    if (from !== ROOT && !this.#isFolder(parentOf(from), 'quietly')) throw treeError('not-found');
    if (from === to) {
      if (this.#stat(from) === undefined) throw treeError('not-found');
      return;
    }
    requireApart(from, to);
    this.#ensureFolder(parentOf(to));
    this.#inFolder(parentOf(to), () => attempt(() => this.#renameOver(from, to)));
    this.#follow(from, to);
    await this.#flushIfMany();
  }

  async remove(path: TreePath): Promise<void> {
    if (path === ROOT) {
      for await (const entry of this.list(ROOT)) await this.remove(entry.path);
      return;
    }
    const entry = this.#stat(path, 'with links');
    if (entry === undefined) return;
    this.#forget(path);
    this.#unflushed.add(parentOf(path));
    try {
      // A folder may hold a hundred thousand files: that is more than a moment.
      if (entry.kind === 'folder') await rm(this.#at(path), { recursive: true, force: true });
      else unlinkSync(this.#at(path));
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
    // What is changed from now on belongs to the next flush.
    this.#unflushed.clear();
    const folders = new Set(paths.map(parentOf)).add(ROOT);
    for (const folder of [...folders]) for (let f = folder; f !== ROOT; f = parentOf(f)) folders.add(f);
    try {
      await flushFiles(
        this.#root,
        [...paths, ...folders].map((path) => this.#at(path)),
      );
    } catch (error) {
      for (const path of paths) this.#unflushed.add(path);
      throw treeErrorFor(error);
    }
  }

  async #flushIfMany(): Promise<void> {
    if (this.#unflushed.size >= this.#unflushedMax) await this.flush();
  }

  #at(path: TreePath): string {
    return path === ROOT ? this.#root : join(this.#root, path);
  }

  #look(path: TreePath): Stats | undefined {
    try {
      return lstatSync(this.#at(path), { throwIfNoEntry: false });
    } catch (error) {
      if (isErrno(error, 'ENOTDIR')) return undefined;
      throw treeErrorFor(error);
    }
  }

  #stat(path: TreePath, links?: 'with links'): TreeEntry | undefined {
    if (path !== ROOT && !this.#isFolder(parentOf(path), 'quietly')) return undefined;
    return entryOf(path, this.#look(path), links);
  }

  /** Is there a real folder, with only real folders above it? A file there is an error unless `quietly`. */
  #isFolder(path: TreePath, quietly?: 'quietly'): boolean {
    if (this.#knownFolders.has(path)) return true;
    if (!this.#isFolder(parentOf(path), quietly)) return false;
    const stats = this.#look(path);
    if (stats?.isDirectory()) this.#knownFolders.add(path);
    else if (stats !== undefined && !quietly) throw treeError('not-a-folder');
    return stats?.isDirectory() === true;
  }

  #ensureFolder(path: TreePath): void {
    if (this.#knownFolders.has(path)) return;
    this.#ensureFolder(parentOf(path));
    try {
      mkdirSync(this.#at(path), { mode: this.#folderMode });
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw treeErrorFor(error);
      if (!this.#look(path)?.isDirectory()) throw treeError('not-a-folder');
    }
    this.#knownFolders.add(path);
  }

  #names(folder: TreePath): readonly string[] {
    try {
      return readdirSync(this.#at(folder));
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw treeErrorFor(error);
      this.#forget(folder);
      return [];
    }
  }

  /** Another program may have removed a folder that was known: it is made again, once. */
  #inFolder<Value>(folder: TreePath, work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      if (!treeError.matches(error, 'not-found') || this.#look(folder)?.isDirectory()) throw error;
      for (let gone = folder; gone !== ROOT; gone = parentOf(gone)) this.#forget(gone);
      this.#ensureFolder(folder);
      return work();
    }
  }

  /** What is below a removed folder must be looked at again. */
  #forget(path: TreePath): void {
    this.#unflushed.delete(path);
    if (!this.#knownFolders.delete(path)) return;
    const isBelow = (other: TreePath) => other.startsWith(`${path}/`);
    for (const known of this.#knownFolders) if (isBelow(known)) this.#knownFolders.delete(known);
    for (const unflushed of this.#unflushed) if (isBelow(unflushed)) this.#unflushed.delete(unflushed);
  }

  /** What was not durable under its old name is not durable under the new one. */
  #follow(from: TreePath, to: TreePath): void {
    const wasFolder = this.#knownFolders.has(from);
    const below = wasFolder ? [...this.#unflushed].filter((path) => path.startsWith(`${from}/`)) : [];
    this.#forget(from);
    for (const path of below) this.#unflushed.add(`${to}${path.slice(from.length)}` as TreePath);
    this.#unflushed.add(to).add(parentOf(from));
  }

  /** One byte more than was seen is asked for, so that a file that has grown is read to its end. */
  *#readAtOnce(
    { path, sizeBytes }: TreeEntry,
    { start, end }: ByteRange,
    lent: boolean,
  ): Iterable<Uint8Array> {
    const memory = new PieceMemory(lent);
    const descriptor = attempt(() => openSync(this.#at(path), OLD_FILE));
    try {
      for (let at = start; end === undefined || at < end; ) {
        const buffer = memory.take(Math.min(sizeBytes + 1, (end ?? Number.POSITIVE_INFINITY) - at));
        const bytes = attempt(() => readSync(descriptor, buffer, 0, buffer.length, at));
        if (bytes > 0) yield buffer.subarray(0, bytes);
        if (bytes < buffer.length) break;
        at += bytes;
      }
    } finally {
      memory.giveBack();
      closeSync(descriptor);
    }
  }

  /** The next piece is on its way while the reader has the one before it. */
  async *#readInPieces(path: TreePath, { start, end }: ByteRange, lent: boolean): AsyncIterable<Uint8Array> {
    const handle = await open(this.#at(path), OLD_FILE).catch((error: unknown) => {
      throw treeErrorFor(error);
    });
    const [memory, other] = [new PieceMemory(lent), new PieceMemory(lent)];
    const readAt = (at: number, into: PieceMemory) => {
      const wantedBytes = Math.min(PIECE_BYTES, (end ?? Number.POSITIVE_INFINITY) - at);
      if (wantedBytes <= 0) return undefined;
      const reading = handle.read(into.take(wantedBytes), 0, wantedBytes, at);
      reading.catch(() => {}); // It is awaited later; until then it must not count as unhandled.
      return reading;
    };
    let coming = readAt(start, memory);
    try {
      for (let at = start, free = other; coming !== undefined; free = free === other ? memory : other) {
        const { bytesRead, buffer } = await coming;
        at += bytesRead;
        coming = bytesRead > 0 ? readAt(at, free) : undefined;
        if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw treeErrorFor(error);
    } finally {
      await coming?.catch(() => {});
      memory.giveBack();
      other.giveBack();
      await handle.close();
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
    if (this.#look(path)?.isDirectory()) throw treeError('is-a-folder');
    return attempt(() => {
      unlinkSync(file);
      return openSync(file, NEW_FILE, mode);
    });
  }

  #renameOver(from: TreePath, to: TreePath): void {
    try {
      renameSync(this.#at(from), this.#at(to));
    } catch (error) {
      // Only where what stands there is in the way; elsewhere it must stay.
      if (!isErrno(error, 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
      this.#forget(to);
      rmSync(this.#at(to), { recursive: true, force: true });
      renameSync(this.#at(from), this.#at(to));
    }
  }
}

/** Not Node's recursive mkdir: where nothing can be made, as in /proc, that one goes on for ever. */
function makeFolders(directory: string, mode: number): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(directory) !== directory) makeFolders(dirname(directory), mode);
  mkdirSync(directory, { mode });
}

/** Links are not of this tree, except where one is to be removed. */
function entryOf(path: TreePath, stats: Stats | undefined, links?: 'with links'): TreeEntry | undefined {
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return { path, kind: 'folder', sizeBytes: 0, modifiedAt: stats.mtime };
  if (!stats.isFile() && !links) return undefined;
  return { path, kind: 'file', sizeBytes: stats.size, modifiedAt: stats.mtime };
}

function attempt<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw treeErrorFor(error);
  }
}
