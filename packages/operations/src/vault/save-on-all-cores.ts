import {
  type Contents,
  openBlobPool,
  type SaveOptions,
  type Snapshot,
  saveSnapshot,
} from '@rootcellar/vault';

/** Saves a snapshot; what is new in it is hashed, compressed and sealed on all cores. */
export async function saveOnAllCores(contents: Contents, options: SaveOptions): Promise<Snapshot> {
  const pool = openBlobPool({ key: contents.repository.key });
  try {
    return await saveSnapshot(contents, { ...options, prepare: pool.prepareBlob });
  } finally {
    await pool.close();
  }
}
