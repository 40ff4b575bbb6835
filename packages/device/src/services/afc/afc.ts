import type { ByteChannel } from '@rootcellar/core';
import { afcError } from '../errors.ts';
import {
  AFC_STATUS,
  type AfcConversation,
  afcConversation,
  bytesOf,
  dataOf,
  requireOk,
  statusOf,
  text,
  u64,
} from './afc-conversation.ts';
import { AFC_OPERATION } from './afc-packet.ts';

export const AFC_SERVICE = 'com.apple.afc';

/** What every device accepts in one read or write. Source: libimobiledevice, `src/afc.c`. */
const CHUNK_BYTES = 64 * 1024;

/** Files read whole into memory are small ones of iTunes; more than this is not one of them. */
const WHOLE_FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Source: device-protocols §9.1. */
const MODE = { read: 1n, readWriteCreate: 2n, writeTruncate: 3n } as const;
const LOCK = { exclusive: 6n, unlock: 12n } as const;

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
  const { ask, done } = afcConversation(channel);
  const files = openFiles({ ask, done });
  return {
    async list(folder) {
      const answer = await ask(AFC_OPERATION.readDirectory, text(folder));
      const names = Buffer.from(dataOf(answer)).toString('utf8').split('\0');
      return names.filter((name) => name !== '' && name !== '.' && name !== '..');
    },

    async readFile(path) {
      const handle = await files.open(path, MODE.read).catch(missingIsUndefined);
      return handle === undefined ? undefined : files.closing(handle, () => files.readWhole(handle));
    },

    async writeFile(path, bytes) {
      const handle = await files.open(path, MODE.writeTruncate);
      await files.closing(handle, () => files.writeWhole(handle, bytes));
    },

    makeFolder: (path) => done(AFC_OPERATION.makeDirectory, text(path)),
    remove: (path) => done(AFC_OPERATION.removeWithContents, text(path)).catch(missingIsUndefined),
    rename: (from, to) => done(AFC_OPERATION.renamePath, bytesOf(text(from), text(to))),
    openForLock: (path) => files.open(path, MODE.readWriteCreate),

    async tryLock(handle) {
      const status = statusOf(await ask(AFC_OPERATION.fileLock, bytesOf(u64(handle), u64(LOCK.exclusive))));
      if (status === AFC_STATUS.wouldBlock) return false;
      requireOk(status);
      return true;
    },

    async unlockAndClose(handle) {
      await done(AFC_OPERATION.fileLock, bytesOf(u64(handle), u64(LOCK.unlock)));
      await files.close(handle);
    },

    close: () => channel.destroy(),
  };
}

function openFiles({ ask, done }: AfcConversation) {
  const close = (handle: bigint) => done(AFC_OPERATION.fileClose, u64(handle));
  return {
    close,

    async open(path: string, mode: bigint): Promise<bigint> {
      const answer = await ask(AFC_OPERATION.fileOpen, bytesOf(u64(mode), text(path)));
      if (answer.operation !== AFC_OPERATION.fileOpened || answer.body.length < 8) {
        requireOk(statusOf(answer));
        throw afcError('answer-invalid', { operation: answer.operation });
      }
      return new DataView(answer.body.buffer, answer.body.byteOffset).getBigUint64(0, true);
    },

    /** The handle is given back also if the work fails, and then the work's error is the one that counts. */
    async closing<Value>(handle: bigint, work: () => Promise<Value>): Promise<Value> {
      let value: Value;
      try {
        value = await work();
      } catch (error) {
        await close(handle).catch(() => {});
        throw error;
      }
      await close(handle);
      return value;
    },

    async readWhole(handle: bigint): Promise<Uint8Array> {
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
    },

    async writeWhole(handle: bigint, bytes: Uint8Array): Promise<void> {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        await done(AFC_OPERATION.fileWrite, u64(handle), bytes.subarray(at, at + CHUNK_BYTES));
      }
    },
  };
}

function missingIsUndefined(error: unknown): undefined {
  if (!afcError.matches(error, 'not-found')) throw error;
}
