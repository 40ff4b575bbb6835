import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fsync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folderTree, isErrno, treeError, treeErrorFor, writeContent } from '@rootcellar/core';
import type { ExtractedFile, ExtractionWriter, Placed } from './extraction-writer.ts';
import { sameContent } from './same-content.ts';

/** Where files lie until they are whole; nothing of a device may have this name. */
export const UNFINISHED = '.rootcellar-unfinished';

const flush = promisify(fsync);

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

/**
 * Looking, making and naming are synchronous calls: each takes microseconds, and a detour over other threads would cost
 * twenty times as much. Large content and what waits for the disk takes that detour.
 */
class FolderWriter implements ExtractionWriter {
  readonly filesAtOnce = FILES_AT_ONCE;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async folder(names: Iterable<string>): Promise<Placed> {
    for (const path of names) {
      const was = this.#makeFolder(path);
      if (was !== undefined) return { path, was };
    }
    throw noName();
  }

  async file(names: Iterable<string>, file: ExtractedFile): Promise<Placed> {
    let whole: WholeFile | undefined;
    try {
      for (const path of names) {
        const there = this.#look(path);
        if (there !== undefined && !there.isFile()) continue;
        if (there !== undefined && looksTheSame(there, file)) return { path, was: 'kept' };
        whole ??= await this.#write(file);
        if (there === undefined) {
          if (this.#place(whole, path)) return { path, was: 'written' };
        } else if (there.size === whole.sizeBytes && (await this.#isEqual(whole, path))) {
          return { path, was: 'kept' };
        }
      }
      throw noName();
    } finally {
      if (whole) rmSync(whole.file, { force: true });
    }
  }

  async finish(): Promise<void> {
    await asTreeError(() => rm(join(this.#root, UNFINISHED), { recursive: true, force: true }));
  }

  #makeFolder(path: string): Placed['was'] | undefined {
    try {
      mkdirSync(join(this.#root, path), { mode: 0o700 });
      return 'written';
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw treeErrorFor(error);
      return this.#look(path)?.isDirectory() ? 'kept' : undefined;
    }
  }

  #look(path: string): Stats | undefined {
    return attempt(() => lstatSync(join(this.#root, path), { throwIfNoEntry: false }));
  }

  async #write({ content, modifiedAt, mode }: ExtractedFile): Promise<WholeFile> {
    const file = join(this.#root, UNFINISHED, randomUUID());
    const descriptor = attempt(() => openSync(file, NEW_FILE, 0o600));
    try {
      const sizeBytes = await writeContent(() => descriptor, content);
      await asTreeError(async () => {
        if (isStorable(modifiedAt)) futimesSync(descriptor, modifiedAt, modifiedAt);
        fchmodSync(descriptor, mode);
        await flush(descriptor);
      });
      return { file, sizeBytes };
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /** `false` if something else has taken the name in the meantime. */
  #place({ file }: WholeFile, path: string): boolean {
    const name = join(this.#root, path);
    return attempt(() => {
      try {
        linkSync(file, name);
        unlinkSync(file);
      } catch (error) {
        if (isErrno(error, 'EEXIST')) return false;
        // Some file systems have no second names; there a name taken within this moment would be replaced.
        renameSync(file, name);
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

function attempt<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw treeErrorFor(error);
  }
}

async function asTreeError<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw treeErrorFor(error);
  }
}
