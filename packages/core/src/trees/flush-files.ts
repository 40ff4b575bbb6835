import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isErrno } from './disk-errors.ts';

/** Files flushed at the same time; the kernel merges them into few journal commits. */
const FLUSHES_AT_ONCE = 16;

/** From this many files on, one flush of the whole file system is quicker than one for each. */
const FLUSH_ALL_FROM = 200;

/**
 * Returns when these files and folders would survive a power cut. What does not exist any more was
 * removed since, and needs nothing.
 *
 * @param root on the file system that holds them all
 */
export async function flushFiles(root: string, files: readonly string[]): Promise<void> {
  if (files.length >= FLUSH_ALL_FROM && (await flushFileSystem(root))) return;
  const queue = files.values();
  await Promise.all(Array.from({ length: FLUSHES_AT_ONCE }, () => flushEach(queue)));
}

async function flushEach(files: IterableIterator<string>): Promise<void> {
  for (const file of files) {
    const handle = await openToFlush(file);
    if (handle === undefined) continue;
    try {
      await handle.sync();
    } catch (error) {
      // Network and FUSE file systems often cannot flush a folder, and do it with the file.
      const isFolder = (await handle.stat()).isDirectory();
      if (!isFolder || !isErrno(error, 'EINVAL', 'ENOTSUP', 'EPERM', 'EBADF')) throw error;
    } finally {
      await handle.close();
    }
  }
}

async function openToFlush(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_RDONLY);
  } catch (error) {
    // Gone since; or a folder on Windows, which cannot be opened and need not be.
    if (isErrno(error, 'ENOENT', 'EISDIR') || process.platform === 'win32') return undefined;
    throw error;
  }
}

/**
 * Node has no syncfs(2), but every Linux has a program that calls it, and reports what could not be
 * written. Source: coreutils, `sync --file-system`.
 *
 * @returns false where there is no such program, or it failed: then each file is flushed by itself
 */
function flushFileSystem(root: string): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn('sync', ['--file-system', root], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
