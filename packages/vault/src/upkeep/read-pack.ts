import { storageError, vaultError } from '../errors.ts';
import type { IndexedBlob } from '../repository/blob-index.ts';
import { openBlob } from '../repository/blob-reader.ts';
import { idOf } from '../repository/ids.ts';
import { packHeaderOf } from '../repository/pack-reader.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { Places, VaultFinding } from './places.ts';

/**
 * Reads a pack and verifies it: its digest, the list at its end, and every blob.
 *
 * @param pack what an index says of it
 * @returns what is wrong with it; `places` learns which blobs are lost
 */
export async function readPack(
  repository: Repository,
  pack: { readonly id: string; readonly blobs: readonly IndexedBlob[] },
  { places, signal }: CallOptions & { readonly places: Places },
): Promise<readonly VaultFinding[]> {
  let bytes: Uint8Array;
  try {
    bytes = await repository.storage.get(`data/${pack.id}`, undefined, { signal });
  } catch (error) {
    if (!storageError.matches(error, 'not-found') && !storageError.matches(error, 'too-large')) throw error;
    places.distrustPack(pack.id);
    return [{ code: 'pack-missing', id: pack.id }];
  }
  let isWhole = idOf(bytes) === pack.id && hasHeader(repository, bytes);
  for (const blob of pack.blobs) {
    const sealed = bytes.subarray(blob.offset, blob.offset + blob.length);
    if (openBlob(repository, blob, sealed) !== undefined) continue;
    isWhole = false;
    places.distrust(blob);
  }
  return isWhole ? [] : [{ code: 'pack-damaged', id: pack.id }];
}

function hasHeader(repository: Repository, pack: Uint8Array): boolean {
  try {
    packHeaderOf(repository, pack);
    return true;
  } catch (error) {
    if (vaultError.matches(error)) return false;
    throw error;
  }
}
