import type { Contents } from '../repository/contents.ts';
import { packBytes } from '../repository/pack-header.ts';
import type { CallOptions, Storage } from '../storage/storage.ts';

/** Bytes of each pack that is there, by its id. */
export async function storedPacks(
  storage: Pick<Storage, 'list'>,
  options?: CallOptions,
): Promise<Map<string, number>> {
  const stored = new Map<string, number>();
  for await (const { id, sizeBytes } of storage.list('data', options)) stored.set(id, sizeBytes);
  return stored;
}

/**
 * Does the index name packs that are gone, or cut short? Packs are listed, not read. After a prune by somebody else it may
 * say so of an index that was loaded before: whoever acts on it looks again under a lock.
 */
export async function lacksPacks(
  { repository, index }: Pick<Contents, 'repository' | 'index'>,
  options?: CallOptions,
): Promise<boolean> {
  const stored = await storedPacks(repository.storage, options);
  for (const { id, blobs } of index.packs()) if (stored.get(id) !== packBytes(blobs)) return true;
  return false;
}
