import { randomBytes } from 'node:crypto';
import type { Repository } from '@rootcellar/vault';
import {
  INDEX_BLOBS_MAX,
  type IndexedPack,
  saveIndexFile,
} from '../../packages/vault/src/repository/index-file.ts';

/** As many as a pack of 16 MiB holds of the usual size. */
const BLOBS_IN_PACK = 12;
const BLOB_BYTES = 1_300_000;

/** Index files as after many backups, of packs that are not there. @returns how many, and their bytes as stored */
export async function fillIndex(
  repository: Repository,
  blobs: number,
): Promise<{ readonly count: number; readonly bytes: number }> {
  const packs = Math.ceil(INDEX_BLOBS_MAX / BLOBS_IN_PACK);
  let bytes = 0;
  let count = 0;
  for (let left = blobs; left > 0; left -= packs * BLOBS_IN_PACK) {
    const inFile = Math.min(packs, Math.ceil(left / BLOBS_IN_PACK));
    const id = await saveIndexFile(repository, Array.from({ length: inFile }, packOf));
    bytes += (await repository.storage.stat(`index/${id}`))?.sizeBytes ?? 0;
    count += 1;
  }
  return { count, bytes };
}

function packOf(): IndexedPack {
  const blobs = Array.from({ length: BLOBS_IN_PACK }, (_, n) => ({
    id: newID(),
    type: 'data' as const,
    offset: n * BLOB_BYTES,
    length: BLOB_BYTES,
    uncompressedLength: undefined,
  }));
  return { id: newID(), blobs };
}

const newID = (): string => randomBytes(32).toString('hex');
