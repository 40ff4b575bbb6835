import { vaultError } from '../errors.ts';
import { openBlob } from '../repository/open-blob.ts';
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

/**
 * Is any of these blobs in any of these packs, and what was stored? Reads their lists, and the blobs, until one is. What is
 * damaged in a pack that was given up makes nobody look for it.
 */
export async function isWholeInAny(
  repository: Repository,
  { packs, blobs }: { readonly packs: readonly StoredPack[]; readonly blobs: ReadonlySet<string> },
  call: CallOptions,
): Promise<boolean> {
  for (const pack of packs) {
    const listed = await listedInPack(repository, pack, call);
    for (const blob of listed ?? []) {
      if (blobs.has(blob.id) && (await wholeBlob(repository, { ...blob, packID: pack.id }, call)))
        return true;
    }
  }
  return false;
}

/** @returns its sealed bytes, if they are there and what was stored */
export async function wholeBlob(
  repository: Repository,
  blob: PackedBlob & { readonly packID: string },
  call: CallOptions,
): Promise<Uint8Array | undefined> {
  const range = { start: blob.offset, end: blob.offset + blob.length };
  try {
    const sealed = await repository.storage.get(`data/${blob.packID}`, range, call);
    return openBlob(repository, blob, sealed) === undefined ? undefined : sealed;
  } catch (error) {
    if (isLost(error)) return undefined;
    throw error;
  }
}
