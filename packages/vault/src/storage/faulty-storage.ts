import type { ByteRange } from '@rootcellar/core';
import type { CallOptions, FileBytes, Storage, StoredFile, StoredFolder, StoredName } from './storage.ts';

/** One call that is about to be made. */
export interface StorageCall {
  readonly kind: 'put' | 'get' | 'stat' | 'list' | 'delete';
  readonly name: StoredName | StoredFolder;
  /** Counts what changes the storage, from 1; other calls carry the number of the last change. */
  readonly change: number;
  readonly signal: AbortSignal | undefined;
}

export interface Faults {
  /** Called before each call; what it throws is what the caller gets, and the call is not made. It may wait, too. */
  readonly before?: (call: StorageCall) => void | Promise<void>;
  /** Called after each call that succeeded: what it throws comes from a call that was made all the same. */
  readonly after?: (call: StorageCall) => void | Promise<void>;
  /** May give other bytes than were read: a storage that lies. */
  readonly lie?: (call: StorageCall, bytes: Uint8Array) => Uint8Array;
}

/**
 * A storage that fails, stalls or lies when a test says so.
 *
 * @example
 * // The process dies at the 20th change.
 * faultyStorage(memoryStorage(), {
 *   before: ({ change }) => {
 *     if (change >= 20) throw new Error('dead');
 *   },
 * });
 */
export function faultyStorage(storage: Storage, { before, after, lie }: Faults): Storage {
  let changes = 0;
  const around = async <Value>(
    kind: StorageCall['kind'],
    name: StorageCall['name'],
    options: CallOptions | undefined,
    work: (call: StorageCall) => Promise<Value>,
  ): Promise<Value> => {
    if (kind === 'put' || kind === 'delete') changes += 1;
    const call = { kind, name, change: changes, signal: options?.signal };
    await before?.(call);
    const value = await work(call);
    await after?.(call);
    return value;
  };
  return {
    put: (name: StoredName, bytes: FileBytes, options?: CallOptions) =>
      around('put', name, options, () => storage.put(name, bytes, options)),
    get: (name: StoredName, range?: ByteRange, options?: CallOptions) =>
      around('get', name, options, async (call) => {
        const bytes = await storage.get(name, range, options);
        return lie ? lie(call, bytes) : bytes;
      }),
    stat: (name: StoredName, options?: CallOptions) =>
      around('stat', name, options, () => storage.stat(name, options)),
    async *list(folder: StoredFolder, options?: CallOptions): AsyncIterable<StoredFile> {
      yield* await around('list', folder, options, () => Array.fromAsync(storage.list(folder, options)));
    },
    delete: (name: StoredName, options?: CallOptions) =>
      around('delete', name, options, () => storage.delete(name, options)),
    close: () => storage.close(),
  };
}
