import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const PIECE_BYTES = 256 * 1024;

const OLD_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Do two files hold the same bytes? Throws what the system says when one cannot be read. */
export async function sameContent(one: string, other: string): Promise<boolean> {
  const first = await open(one, OLD_FILE);
  try {
    const second = await open(other, OLD_FILE);
    try {
      return await sameBytes(first, second);
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

async function sameBytes(one: FileHandle, other: FileHandle): Promise<boolean> {
  const pieces = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
  for (let at = 0; ; ) {
    const bytes = await readFully(one, pieces[0], at);
    if (bytes !== (await readFully(other, pieces[1], at))) return false;
    if (!pieces[0].subarray(0, bytes).equals(pieces[1].subarray(0, bytes))) return false;
    if (bytes < PIECE_BYTES) return true;
    at += bytes;
  }
}

/** Fewer bytes than the buffer has only at the end of the file. */
async function readFully(file: FileHandle, buffer: Buffer, at: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
