import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteRange } from '@rootcellar/core';
import { storageError } from '../errors.ts';
import { diskError, isErrno } from './disk-errors.ts';
import {
  type CallOptions,
  type FileBytes,
  isStoredID,
  layoutPath,
  type Storage,
  type StoredFile,
  type StoredFolder,
  type StoredName,
} from './storage.ts';

/** Readable by the owner alone, as restic makes them: the content is sealed, but sizes and times say something too. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** The system takes no more in one call. Source: POSIX, IOV_MAX on Linux and macOS. */
const PARTS_AT_ONCE = 1024;

/** Up to here memory is made without a look at how large the file is: reading shows it. */
const UNSEEN_BYTES_MAX = 32 * 1024 * 1024;

/** Left behind by a process that died while writing. No stored file has such a name, so nothing reads it. */
const UNFINISHED = '.unfinished-';

/** A folder on a disk, in restic's layout: `restic -r DIRECTORY` opens it. Made when something is first written. */
export function folderStorage(directory: string): Storage {
  return new FolderStorage(directory);
}

class FolderStorage implements Storage {
  readonly #directory: string;
  /** Folders that exist and whose names are durable. */
  readonly #known = new Map<string, Promise<void>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(name: StoredName, bytes: FileBytes, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const path = this.#path(name);
    const unfinished = join(dirname(path), `${UNFINISHED}${randomBytes(8).toString('hex')}`);
    await asStorageError(async () => {
      await this.#ensureFolder(dirname(path));
      try {
        await this.#inFolder(dirname(path), () => writeDurably(unfinished, bytes));
        if (name === 'config') await renameToNew(unfinished, path);
        else await rename(unfinished, path);
      } catch (error) {
        await unlink(unfinished).catch(() => {});
        throw error;
      }
      await flushFolder(dirname(path));
    });
  }

  async get(name: StoredName, range?: ByteRange, { signal }: CallOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const path = this.#path(name);
    return asStorageError(async () => {
      const handle = await open(path, 'r');
      try {
        const start = range?.start ?? 0;
        const end = range?.end ?? (await handle.stat()).size;
        return await readExactly(handle, start, end);
      } finally {
        await handle.close();
      }
    });
  }

  async stat(
    name: StoredName,
    { signal }: CallOptions = {},
  ): Promise<{ readonly sizeBytes: number } | undefined> {
    signal?.throwIfAborted();
    const path = this.#path(name);
    return asStorageError(async () => {
      try {
        return { sizeBytes: (await lstat(path)).size };
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return undefined;
        throw error;
      }
    });
  }

  async *list(folder: StoredFolder, options: CallOptions = {}): AsyncIterable<StoredFile> {
    const top = join(this.#directory, folder);
    if (folder !== 'data') return yield* this.#listBelow(top, options);
    for (const shard of await namesIn(top)) {
      if (/^[0-9a-f]{2}$/.test(shard)) yield* this.#listBelow(join(top, shard), options);
    }
  }

  async delete(name: StoredName, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const path = this.#path(name);
    await asStorageError(async () => {
      try {
        await unlink(path);
        await flushFolder(dirname(path));
      } catch (error) {
        if (!isErrno(error, 'ENOENT')) throw error;
      }
    });
  }

  async close(): Promise<void> {}

  #path(name: StoredName): string {
    return join(this.#directory, layoutPath(name));
  }

  async *#listBelow(folder: string, { signal }: CallOptions): AsyncIterable<StoredFile> {
    for (const id of await namesIn(folder)) {
      if (!isStoredID(id)) continue;
      signal?.throwIfAborted();
      const stats = await asStorageError(() => lstat(join(folder, id)).catch(unlessGone));
      if (stats?.isFile()) yield { id, sizeBytes: stats.size };
    }
  }

  /** Another program may have removed a folder that was known: it is made again, once, if the vault is there. */
  async #inFolder(folder: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isVaultThere = (await lstat(this.#directory).catch(unlessGone)) !== undefined;
      if (!isErrno(error, 'ENOENT') || !isVaultThere) throw error;
      this.#known.delete(folder);
      await this.#ensureFolder(folder);
      await work();
    }
  }

  /** Its own name is flushed as well: a file in a folder that a power cut took away is lost. */
  #ensureFolder(folder: string): Promise<void> {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const made = makeDurably(folder);
    this.#known.set(folder, made);
    made.catch(() => this.#known.delete(folder));
    return made;
  }
}

/** A link fails where a file stands already; a rename would replace it. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    // Some disks know no links (FAT, some network folders): there, two that make a vault at once are not told apart.
    if (!isErrno(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP')) throw error;
    if ((await lstat(to).catch(unlessGone)) !== undefined) throw storageError('exists');
    await rename(from, to);
  }
}

/** A folder that was there already may have been made by a process that died before it flushed the name. */
async function makeDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE }).catch((error: unknown) => {
    throw isErrno(error, 'EEXIST') ? storageError('not-a-vault', {}, error) : error;
  });
  const outside = dirname(first ?? folder);
  for (let made = folder; made !== outside; made = dirname(made)) await flushFolder(dirname(made));
}

async function writeDurably(path: string, bytes: FileBytes): Promise<void> {
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    await writeParts(handle, bytes instanceof Uint8Array ? [bytes] : bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeParts(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  for (let rest = parts; rest.length > 0; ) {
    const { bytesWritten } = await handle.writev(rest.slice(0, PARTS_AT_ONCE));
    rest = leftOf(rest, bytesWritten);
  }
}

/** A disk may take less than it was given. */
function leftOf(parts: readonly Uint8Array[], writtenBytes: number): readonly Uint8Array[] {
  let skipped = writtenBytes;
  for (const [at, part] of parts.entries()) {
    if (skipped < part.length) return [part.subarray(skipped), ...parts.slice(at + 1)];
    skipped -= part.length;
  }
  return [];
}

async function flushFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems know no flush of folders; the file itself is durable there.
    if (!isErrno(error, 'EINVAL', 'ENOTSUP', 'EISDIR')) throw error;
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const isLarge = end - start > UNSEEN_BYTES_MAX;
  const size = isLarge || start > end ? (await handle.stat()).size : end;
  if (end > size || start > end) {
    throw storageError('cut-short', { expectedBytes: end - start, receivedBytes: Math.max(0, size - start) });
  }
  const buffer = Buffer.allocUnsafeSlow(end - start);
  for (let at = 0; at < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, at, buffer.length - at, start + at);
    if (bytesRead === 0) throw storageError('cut-short', { expectedBytes: buffer.length, receivedBytes: at });
    at += bytesRead;
  }
  return buffer;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await asStorageError(() => readdir(folder).catch(unlessGone))) ?? [];
}

function unlessGone(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT')) throw error;
  return undefined;
}

async function asStorageError<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error);
  }
}
