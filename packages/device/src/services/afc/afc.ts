import { type ByteChannel, withTimeout } from '@rootcellar/core';
import { afcError } from '../errors.ts';
import { AFC_OPERATION, type AfcPacket, encodeAfcPacket, readAfcPacket } from './afc-packet.ts';

export const AFC_SERVICE = 'com.apple.afc';

const ANSWER_TIMEOUT_MS = 30_000;

/** What every device accepts in one read or write. Source: libimobiledevice, `src/afc.c`. */
const CHUNK_BYTES = 64 * 1024;

/** Files read whole into memory are small ones of iTunes; more than this is not one of them. */
const WHOLE_FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Source: device-protocols §9.1. */
const MODE = { read: 1n, readWriteCreate: 2n, writeTruncate: 3n } as const;
const LOCK = { exclusive: 6n, unlock: 12n } as const;
const STATUS = { ok: 0, notFound: 8, noSpace: 18, wouldBlock: 19 } as const;

/** The media folder of a device (`/var/mobile/Media`), as a remote file system. */
export interface Afc {
  list(folder: string): Promise<readonly string[]>;
  /** `undefined` if there is no such file. @throws `afc.too-large` above 64 MiB */
  readFile(path: string): Promise<Uint8Array | undefined>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** With everything below it; missing is fine. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Opens (and makes) a file to lock it. @returns its handle */
  openForLock(path: string): Promise<bigint>;
  /** @returns false if another program holds the lock */
  tryLock(handle: bigint): Promise<boolean>;
  /** Gives up the lock and the handle. */
  unlockAndClose(handle: bigint): Promise<void>;
  close(): void;
}

/** Source: device-protocols §9.1. One request at a time: calls must not overlap. */
export function afcClient(channel: ByteChannel): Afc {
  let number = 0;
  const ask = async (operation: number, fixed: Uint8Array, bulk?: Uint8Array): Promise<AfcPacket> => {
    number += 1;
    try {
      await channel.write(encodeAfcPacket({ operation, number, fixed, ...(bulk && { bulk }) }));
      const answer = await withTimeout(readAfcPacket(channel), {
        timeoutMs: ANSWER_TIMEOUT_MS,
        waitingFor: 'a file answer',
      });
      if (answer.number !== BigInt(number)) throw afcError('answer-invalid', { operation: answer.operation });
      return answer;
    } catch (error) {
      channel.destroy(); // A late answer would be taken for the next one's.
      throw error;
    }
  };
  const done = async (operation: number, fixed: Uint8Array, bulk?: Uint8Array): Promise<void> =>
    requireOk(statusOf(await ask(operation, fixed, bulk)));
  const open = async (path: string, mode: bigint): Promise<bigint> => {
    const answer = await ask(AFC_OPERATION.fileOpen, bytesOf(u64(mode), text(path)));
    if (answer.operation !== AFC_OPERATION.fileOpened || answer.body.length < 8) {
      requireOk(statusOf(answer));
      throw afcError('answer-invalid', { operation: answer.operation });
    }
    return new DataView(answer.body.buffer, answer.body.byteOffset).getBigUint64(0, true);
  };
  const close = (handle: bigint) => done(AFC_OPERATION.fileClose, u64(handle));
  /** The handle is given back also if the work fails, and then the work's error is the one that counts. */
  const closing = async <Value>(handle: bigint, work: () => Promise<Value>): Promise<Value> => {
    let value: Value;
    try {
      value = await work();
    } catch (error) {
      await close(handle).catch(() => {});
      throw error;
    }
    await close(handle);
    return value;
  };
  const readWhole = async (handle: bigint): Promise<Uint8Array> => {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const request = bytesOf(u64(handle), u64(BigInt(CHUNK_BYTES)));
      const piece = dataOf(await ask(AFC_OPERATION.fileRead, request));
      if (piece.length === 0) return Buffer.concat(pieces);
      bytes += piece.length;
      if (bytes > WHOLE_FILE_BYTES_MAX) throw afcError('too-large', { bytesMax: WHOLE_FILE_BYTES_MAX });
      pieces.push(Uint8Array.from(piece));
    }
  };

  return {
    async list(folder) {
      const answer = await ask(AFC_OPERATION.readDirectory, text(folder));
      const names = Buffer.from(dataOf(answer)).toString('utf8').split('\0');
      return names.filter((name) => name !== '' && name !== '.' && name !== '..');
    },

    async readFile(path) {
      const handle = await open(path, MODE.read).catch(missingIsUndefined);
      return handle === undefined ? undefined : closing(handle, () => readWhole(handle));
    },

    async writeFile(path, bytes) {
      const handle = await open(path, MODE.writeTruncate);
      await closing(handle, async () => {
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
          await done(AFC_OPERATION.fileWrite, u64(handle), bytes.subarray(at, at + CHUNK_BYTES));
        }
      });
    },

    makeFolder: (path) => done(AFC_OPERATION.makeDirectory, text(path)),
    remove: (path) => done(AFC_OPERATION.removeWithContents, text(path)).catch(missingIsUndefined),
    rename: (from, to) => done(AFC_OPERATION.renamePath, bytesOf(text(from), text(to))),
    openForLock: (path) => open(path, MODE.readWriteCreate),

    async tryLock(handle) {
      const status = statusOf(await ask(AFC_OPERATION.fileLock, bytesOf(u64(handle), u64(LOCK.exclusive))));
      if (status === STATUS.wouldBlock) return false;
      requireOk(status);
      return true;
    },

    async unlockAndClose(handle) {
      await done(AFC_OPERATION.fileLock, bytesOf(u64(handle), u64(LOCK.unlock)));
      await close(handle);
    },

    close: () => channel.destroy(),
  };
}

function missingIsUndefined(error: unknown): undefined {
  if (!afcError.matches(error, 'not-found')) throw error;
}

function requireOk(status: number): void {
  if (status === STATUS.ok) return;
  if (status === STATUS.notFound) throw afcError('not-found');
  if (status === STATUS.noSpace) throw afcError('no-space');
  if (status === STATUS.wouldBlock) throw afcError('busy');
  throw afcError('refused', { status });
}

function statusOf(answer: AfcPacket): number {
  if (answer.operation !== AFC_OPERATION.status || answer.body.length < 8) {
    throw afcError('answer-invalid', { operation: answer.operation });
  }
  return Number(new DataView(answer.body.buffer, answer.body.byteOffset).getBigUint64(0, true));
}

function dataOf(answer: AfcPacket): Uint8Array {
  if (answer.operation === AFC_OPERATION.data) return answer.body;
  requireOk(statusOf(answer));
  return new Uint8Array();
}

function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`);
}

function bytesOf(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
