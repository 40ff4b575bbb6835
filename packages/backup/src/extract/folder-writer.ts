import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, realpath, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { folderTree, treeError, treeErrorFor } from '@rootcellar/core';
import type { ExtractedFile, ExtractionWriter, Placed } from './extraction-writer.ts';
import { sameContent } from './same-content.ts';

/** Where files lie until they are whole; nothing of a device may have this name. */
export const UNFINISHED = '.rootcellar-unfinished';

const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Most of the time we wait for the disk, which brings several files to safety as quickly as one. */
const FILES_AT_ONCE = 16;

/** FAT keeps even seconds. */
const TIME_STEP_MS = 2000;

/** What can be a time of a file everywhere: 1980 of FAT, 2106 of 32 bits. */
const TIME_MIN_MS = Date.UTC(1980, 0, 2);
const TIME_MAX_MS = 2 ** 32 * 1000;

/**
 * A folder on this computer that receives extracted files, and is made if missing.
 *
 * A file gets its name when it is whole and on the disk. Links that lie in the folder are not followed. What is there
 * already is never changed; what is the same is not written again, so that an interrupted extraction goes on where it
 * stopped.
 *
 * @throws `tree.not-permitted`, `tree.not-a-folder`, `tree.disk-full` …, here and in all calls
 */
export async function folderWriter(directory: string): Promise<ExtractionWriter> {
  return asTreeError(async () => {
    folderTree(directory); // Makes it, and its parents.
    const root = await realpath(directory);
    await rm(join(root, UNFINISHED), { recursive: true, force: true });
    await mkdir(join(root, UNFINISHED), { mode: 0o700 });
    return new FolderWriter(root);
  });
}

class FolderWriter implements ExtractionWriter {
  readonly filesAtOnce = FILES_AT_ONCE;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async folder(names: Iterable<string>): Promise<Placed> {
    return asTreeError(async () => {
      for (const path of names) {
        const was = await this.#makeFolder(path);
        if (was !== undefined) return { path, was };
      }
      throw noName();
    });
  }

  async file(names: Iterable<string>, file: ExtractedFile): Promise<Placed> {
    let whole: WholeFile | undefined;
    try {
      for (const path of names) {
        const there = await this.#look(path);
        if (there !== undefined && !there.isFile()) continue;
        if (there !== undefined && looksTheSame(there, file)) return { path, was: 'kept' };
        whole ??= await this.#write(file);
        if (there === undefined) {
          if (await this.#place(whole, path)) return { path, was: 'written' };
        } else if (there.size === whole.sizeBytes && (await this.#isEqual(whole, path))) {
          return { path, was: 'kept' };
        }
      }
      throw noName();
    } finally {
      if (whole) await rm(whole.file, { force: true });
    }
  }

  async finish(): Promise<void> {
    await asTreeError(() => rm(join(this.#root, UNFINISHED), { recursive: true, force: true }));
  }

  async #makeFolder(path: string): Promise<Placed['was'] | undefined> {
    try {
      await mkdir(join(this.#root, path), { mode: 0o700 });
      return 'written';
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
      return (await this.#look(path))?.isDirectory() ? 'kept' : undefined;
    }
  }

  async #look(path: string): Promise<Stats | undefined> {
    try {
      return await lstat(join(this.#root, path));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw treeErrorFor(error);
    }
  }

  async #write({ content, modifiedAt, mode }: ExtractedFile): Promise<WholeFile> {
    const file = join(this.#root, UNFINISHED, randomUUID());
    try {
      const handle = await asTreeError(() => open(file, NEW_FILE, 0o600));
      try {
        const sizeBytes = await writeContent(handle, content);
        await asTreeError(async () => {
          if (isStorable(modifiedAt)) await handle.utimes(modifiedAt, modifiedAt);
          await handle.chmod(mode);
          await handle.sync();
        });
        return { file, sizeBytes };
      } finally {
        await handle.close();
      }
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  /** `false` if something else has taken the name in the meantime. */
  async #place({ file }: WholeFile, path: string): Promise<boolean> {
    const name = join(this.#root, path);
    return asTreeError(async () => {
      try {
        await link(file, name);
        await unlink(file);
      } catch (error) {
        if (isErrno(error, 'EEXIST')) return false;
        // Some file systems have no second names; there a name taken within this moment would be replaced.
        await rename(file, name);
      }
      return true;
    });
  }

  #isEqual({ file }: WholeFile, path: string): Promise<boolean> {
    return asTreeError(() => sameContent(file, join(this.#root, path)));
  }
}

interface WholeFile {
  readonly file: string;
  readonly sizeBytes: number;
}

/** The error of the content comes through as it is; the disk's becomes one of ours. */
async function writeContent(handle: FileHandle, content: AsyncIterable<Uint8Array>): Promise<number> {
  let sizeBytes = 0;
  for await (const piece of content) {
    await asTreeError(async () => {
      for (let written = 0; written < piece.length; ) {
        written += (await handle.write(piece, written)).bytesWritten;
      }
    });
    sizeBytes += piece.length;
  }
  return sizeBytes;
}

function looksTheSame(there: Stats, { sizeBytes, modifiedAt }: ExtractedFile): boolean {
  if (there.size !== sizeBytes || !isStorable(modifiedAt)) return false;
  return Math.abs(there.mtimeMs - modifiedAt.getTime()) < TIME_STEP_MS;
}

function isStorable(date: Date | undefined): date is Date {
  const ms = date?.getTime() ?? Number.NaN;
  return ms >= TIME_MIN_MS && ms < TIME_MAX_MS;
}

function noName(): Error {
  return treeError('path-unsafe', { reason: 'no free name' });
}

function isErrno(error: unknown, code: string): boolean {
  return (error as { readonly code?: unknown }).code === code;
}

async function asTreeError<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw treeErrorFor(error);
  }
}
