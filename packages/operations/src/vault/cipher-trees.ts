import { decrypt } from '@rootcellar/backup';
import {
  type ByteRange,
  partOf,
  type ReadableTree,
  type ReadOptions,
  type TreeEntry,
  type TreePath,
} from '@rootcellar/core';
import { type CipherRecord, encryptAgain, provenContent, storedBytesOf } from '@rootcellar/vault';
import { recordNameOf } from './cipher-records.ts';
import type { CipherRecords } from './cipher-table.ts';

/** Another look at the files of a tree that have a record. */
interface Look {
  sizeOf(record: CipherRecord): number;
  read(
    record: CipherRecord,
    path: TreePath,
    range: ByteRange | undefined,
    options: ReadOptions | undefined,
  ): AsyncIterable<Uint8Array>;
}

/**
 * Files as the phone sent them, from a tree in which those with a record lie decrypted.
 *
 * @param tree a device folder, as it lies in a vault
 */
export function encryptedTree(tree: ReadableTree, records: CipherRecords): ReadableTree {
  return lookAt(tree, records, {
    sizeOf: storedBytesOf,
    read: (record, path, range, options) =>
      encryptAgain(record, {
        contentBytes: record.contentBytes,
        readContent: (part) => tree.read(path, part, { lent: true }),
        range,
        ...options,
      }),
  });
}

/**
 * The opposite: files decrypted, from a tree in which they lie as the phone sent them. Whoever reads a file to its end
 * knows that it can be encrypted again: see `provenContent`.
 */
export function decryptedTree(tree: ReadableTree, records: CipherRecords): ReadableTree {
  return lookAt(tree, records, {
    sizeOf: ({ contentBytes }) => contentBytes,
    read(record, path, range, options) {
      if (range !== undefined) return partOf(decrypt(record.key.reveal(), tree.read(path)), range);
      return provenContent(record, { source: tree.read(path, undefined, { lent: true }), ...options });
    },
  });
}

function lookAt(tree: ReadableTree, records: CipherRecords, look: Look): ReadableTree {
  const recordOf = (path: TreePath): CipherRecord | undefined => {
    const name = recordNameOf(path);
    return name === undefined ? undefined : records.get(name);
  };
  const seen = (entry: TreeEntry): TreeEntry => {
    const record = entry.kind === 'file' ? recordOf(entry.path) : undefined;
    return record ? { ...entry, sizeBytes: look.sizeOf(record) } : entry;
  };
  return {
    async *list(folder) {
      for await (const entry of tree.list(folder)) yield seen(entry);
    },
    async stat(path) {
      const entry = await tree.stat(path);
      return entry && seen(entry);
    },
    foresee: async (paths) => tree.foresee?.(paths),
    read(path, range, options) {
      const record = recordOf(path);
      return record === undefined ? tree.read(path, range, options) : look.read(record, path, range, options);
    },
  };
}
