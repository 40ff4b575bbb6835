import type { BlobType } from '../chunks/blob.ts';
import { vaultError } from '../errors.ts';
import type { BlobIndex, IndexedBlob } from '../repository/blob-index.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { BlobMarks } from './blob-marks.ts';
import { wholeBlob } from './look-into-pack.ts';

/** Where blobs are whole that lie in several packs, by their names. Few: a vault holds nearly everything once. */
export type ChosenPlaces = ReadonlyMap<string, Pick<IndexedBlob, 'packID' | 'offset'>>;

export const chosenName = (id: string, type: BlobType): string => `${type} ${id}`;

/**
 * Of used blobs that lie in several packs, one place each, which was read and holds what was stored. A damaged pack that
 * was given up may be in the index again, beside what has healed it: who keeps one place must not keep the wrong one.
 *
 * @param stored packs that are there
 * @throws `vault.blob-damaged` if none is whole, what the storage throws
 */
export async function choosePlaces(
  repository: Repository,
  { index, used, stored }: { index: BlobIndex; used: BlobMarks; stored: ReadonlyMap<string, unknown> },
  call: CallOptions,
): Promise<ChosenPlaces> {
  const chosen = new Map<string, IndexedBlob>();
  for (const { id, type, packID, offset } of index.entries()) {
    const first = index.get(id, type);
    const isAgain = first !== undefined && (first.packID !== packID || first.offset !== offset);
    const name = chosenName(id, type);
    if (!isAgain || chosen.has(name) || !used.has(id, type)) continue;
    const places = index.getAll(id, type).filter((place) => stored.has(place.packID));
    // Those that are gone are told of by whoever plans.
    if (places.length > 0) chosen.set(name, await firstWhole(repository, places, call));
  }
  return chosen;
}

async function firstWhole(
  repository: Repository,
  places: readonly IndexedBlob[],
  call: CallOptions,
): Promise<IndexedBlob> {
  for (const place of places) if (await wholeBlob(repository, place, call)) return place;
  throw vaultError('blob-damaged');
}
