import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { folderTree, nameOf, type WritableTree } from '@rootcellar/core';

const FREE_BYTES = 2 ** 42;

/** Payloads are named by their file ID. */
const PAYLOAD = /^[0-9a-f]{40}$/;

/**
 * A folder that takes backups of any size: of payloads it keeps name and size alone, as files of nothing but
 * holes; whatever else is written it keeps.
 */
export function discardingTree(folder: string): WritableTree {
  const kept = folderTree(folder);
  return {
    list: (path) => kept.list(path),
    stat: (path) => kept.stat(path),
    read: (path, range) => kept.read(path, range),
    makeFolder: (path) => kept.makeFolder(path),
    move: (from, to) => kept.move(from, to),
    remove: (path) => kept.remove(path),
    freeBytes: async () => FREE_BYTES,
    // Holes need not survive a power cut.
    flush: async () => {},
    async write(path, content) {
      if (!PAYLOAD.test(nameOf(path))) return kept.write(path, content);
      let sizeBytes = 0;
      for await (const piece of content) sizeBytes += piece.length;
      await kept.write(path, []);
      truncateSync(join(folder, path), sizeBytes);
    },
  };
}
