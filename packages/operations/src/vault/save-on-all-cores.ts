import { availableParallelism } from 'node:os';
import {
  type Contents,
  openBlobPool,
  type SaveOptions,
  type Snapshot,
  saveSnapshot,
} from '@rootcellar/vault';

/** This thread reads, decrypts and cuts. Each other one takes some 100 MB. */
const OTHER_CORES = Math.min(4, Math.max(1, availableParallelism() - 1));

/** Saves a snapshot; what is new in it is hashed, compressed and sealed on all cores. */
export async function saveOnAllCores(contents: Contents, options: SaveOptions): Promise<Snapshot> {
  const pool = openBlobPool({ key: contents.repository.key, threads: OTHER_CORES });
  try {
    return await saveSnapshot(contents, { ...options, prepare: pool.prepareBlob });
  } finally {
    await pool.close();
  }
}
