import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PIECE_BYTES_MAX, piecesContent } from './file-content.ts';
import type { FileContent } from './phone-file-system.ts';

/** Where the bytes of the phone's files are: in memory, or one file each in a folder of this computer. */
export interface ContentStore {
  /** Keeps bytes that arrive in pieces. */
  receive(pieces: AsyncIterable<Uint8Array>): Promise<FileContent>;
  /** The name under which `content` is kept durably; `undefined` if it is not. */
  idOf(content: FileContent): string | undefined;
  /** Content kept under `id` by an earlier run. */
  reopen(id: string, sizeBytes: number): FileContent;
  /** Removes what no name in `ids` refers to. Only at start: a running backup may still read old content. */
  keepOnly(ids: ReadonlySet<string>): Promise<void>;
}

export function memoryContentStore(): ContentStore {
  return {
    receive: async (pieces) => {
      const kept: Uint8Array[] = [];
      for await (const piece of pieces) kept.push(new Uint8Array(piece));
      return piecesContent(kept);
    },
    idOf: () => undefined,
    reopen: () => {
      throw new Error('Content in memory does not survive its run');
    },
    keepOnly: async () => {},
  };
}

/** A name this store has made; nothing else in the state is ever used as a file name. */
const CONTENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isContentId(id: string): boolean {
  return CONTENT_ID.test(id);
}

/** A file under its final name is complete: it is written aside, flushed, then renamed. */
export async function folderContentStore(folder: string): Promise<ContentStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ids = new WeakMap<FileContent, string>();
  const reopen = (id: string, sizeBytes: number): FileContent => {
    const content = diskContent(join(folder, id), sizeBytes);
    ids.set(content, id);
    return content;
  };
  return {
    receive: async (pieces) => {
      const id = randomUUID();
      return reopen(id, await writeDurably(join(folder, id), pieces));
    },
    idOf: (content) => ids.get(content),
    reopen,
    keepOnly: async (wanted) => {
      for (const name of await readdir(folder)) {
        if (!wanted.has(name)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

/** Writes, flushes, renames. @returns how many bytes there were */
export async function writeDurably(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const aside = `${path}.part`;
  const file = await open(aside, 'w', 0o600);
  let sizeBytes = 0;
  try {
    for await (const piece of pieces) {
      await file.writeFile(piece);
      sizeBytes += piece.length;
    }
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(aside, { force: true });
    throw error;
  }
  await file.close();
  await rename(aside, path);
  return sizeBytes;
}

/** The content of a file of this computer, which nobody changes any more. */
export function diskContent(path: string, sizeBytes: number): FileContent {
  return {
    sizeBytes,
    async *read(start = 0) {
      const file = await open(path, 'r');
      try {
        let position = start;
        while (position < sizeBytes) {
          const piece = new Uint8Array(Math.min(PIECE_BYTES_MAX, sizeBytes - position));
          const { bytesRead } = await file.read(piece, 0, piece.length, position);
          if (bytesRead === 0) return;
          position += bytesRead;
          yield piece.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    },
  };
}
