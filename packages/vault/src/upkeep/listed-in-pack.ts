import { vaultError } from '../errors.ts';
import type { PackedBlob } from '../repository/pack-header.ts';
import { readPackHeader } from '../repository/pack-reader.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import { isLost } from './damaged-snapshots.ts';

/** A pack as the storage lists it. */
export interface StoredPack {
  readonly id: string;
  readonly sizeBytes: number;
}

/** @returns what a pack says that is in it; `undefined` if the list at its end cannot be read */
export async function listedInPack(
  repository: Repository,
  pack: StoredPack,
  call: CallOptions,
): Promise<readonly PackedBlob[] | undefined> {
  try {
    return await readPackHeader(repository, pack, call);
  } catch (error) {
    if (vaultError.matches(error) || isLost(error)) return undefined;
    throw error;
  }
}

/** Is any of these blobs in any of these packs? Reads their lists until one has. */
export async function isListedInAny(
  repository: Repository,
  { packs, blobs }: { readonly packs: readonly StoredPack[]; readonly blobs: ReadonlySet<string> },
  call: CallOptions,
): Promise<boolean> {
  for (const pack of packs) {
    const listed = await listedInPack(repository, pack, call);
    if (listed?.some(({ id }) => blobs.has(id))) return true;
  }
  return false;
}
