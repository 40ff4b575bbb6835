import { storageError } from '../errors.ts';
import {
  checkStoredName,
  joinedBytes,
  rangeOf,
  type Storage,
  type StoredFolder,
  type StoredName,
} from './storage.ts';

export interface MemoryStorageOptions {
  /** Writes beyond this fail with `storage.full`. Default: no limit. */
  readonly capacityBytes?: number;
  /** What is in it at first: the `files` of another. */
  readonly files?: ReadonlyMap<StoredName, Uint8Array>;
}

export interface MemoryStorage extends Storage {
  /** What is stored, to look at or to damage in a test. */
  readonly files: Map<StoredName, Uint8Array>;
}

/** A storage in memory, for tests. */
export function memoryStorage(options: MemoryStorageOptions = {}): MemoryStorage {
  const files = new Map<StoredName, Uint8Array>(options.files ?? []);
  const { capacityBytes = Number.POSITIVE_INFINITY } = options;
  const usedBytes = () => files.values().reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    files,
    async put(name, parts, { signal } = {}) {
      signal?.throwIfAborted();
      checkStoredName(name);
      const bytes = joinedBytes(parts);
      if (name === 'config' && files.has(name)) throw storageError('exists');
      if (capacityBytes !== Number.POSITIVE_INFINITY && usedBytes() + bytes.length > capacityBytes) {
        throw storageError('full');
      }
      files.set(name, Uint8Array.from(bytes));
    },
    async get(name, range, { signal } = {}) {
      signal?.throwIfAborted();
      checkStoredName(name);
      const bytes = files.get(name);
      if (bytes === undefined) throw storageError('not-found');
      return Uint8Array.from(rangeOf(bytes, range));
    },
    async stat(name, { signal } = {}) {
      signal?.throwIfAborted();
      checkStoredName(name);
      const bytes = files.get(name);
      return bytes && { sizeBytes: bytes.length };
    },
    async *list(folder: StoredFolder, { signal } = {}) {
      signal?.throwIfAborted();
      for (const [name, bytes] of [...files]) {
        if (name.startsWith(`${folder}/`))
          yield { id: name.slice(folder.length + 1), sizeBytes: bytes.length };
      }
    },
    async delete(name, { signal } = {}) {
      signal?.throwIfAborted();
      checkStoredName(name);
      files.delete(name);
    },
    async close() {},
  };
}
