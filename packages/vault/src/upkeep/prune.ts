import { type Clock, systemClock } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import { BlobIndex } from '../repository/blob-index.ts';
import { BlobReader } from '../repository/blob-reader.ts';
import { loadIndex } from '../repository/load-index.ts';
import { type Lock, withLock } from '../repository/lock.ts';
import { openBlob } from '../repository/open-blob.ts';
import { PackWriter } from '../repository/pack-writer.ts';
import type { Repository } from '../repository/repository.ts';
import { listRecords } from '../snapshots/snapshot-list.ts';
import type { CallOptions } from '../storage/storage.ts';
import { choosePlaces } from './choose-places.ts';
import { markUsed } from './mark-used.ts';
import { isUsedHere, type PlanInput, type PlanLimits, type PrunePlan, planPrune } from './prune-plan.ts';
import { replaceIndex } from './replace-index.ts';
import { storedPacks } from './stored-packs.ts';

export interface PruneOptions extends CallOptions, PlanLimits {
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  readonly packBytes?: number;
  readonly clock?: Clock;
}

export interface PruneReport {
  readonly packsKept: number;
  readonly packsRepacked: number;
  readonly packsRemoved: number;
  readonly usedBytes: number;
  /** What stays although nothing needs it, because it lies among what is used. */
  readonly unusedBytesKept: number;
  readonly freedBytes: number;
}

/**
 * Frees the space of what no snapshot needs. First what is still used in wasteful packs is written anew, then an
 * index that names the new packs and no old ones, then the old index files go, and last the packs. Wherever it
 * stops, every snapshot stays readable, and the next run finishes.
 *
 * Whoever holds `Contents` of the vault refreshes them afterwards.
 *
 * @throws `vault.locked`; what reading a snapshot throws if one is damaged: nothing is deleted then
 */
export async function prune(repository: Repository, options: PruneOptions = {}): Promise<PruneReport> {
  const { clock = systemClock, signal } = options;
  return withLock(repository, { exclusive: true, clock, signal }, async (lock) => {
    const records = await listRecords(repository, { signal: lock.signal });
    const loaded = await loadIndex(repository, { signal: lock.signal });
    const reader = new BlobReader(repository, () => loaded.index);
    const roots = records.map(({ tree }) => tree);
    const used = await markUsed({ index: loaded.index, reader }, roots, lock.signal);
    const stored = await storedPacks(repository.storage, { signal: lock.signal });
    const { index } = loaded;
    const chosen = await choosePlaces(repository, { index, used, stored }, { signal: lock.signal });
    const input = { ...options, index, used, stored, chosen };
    const plan = planPrune(input);
    if (plan.missing.length > 0) throw vaultError('pack-damaged', { reason: 'missing' });
    if (options.dryRun !== true) {
      await carryOut(repository, {
        plan,
        input,
        oldIndex: loaded.fileIDs,
        lock,
        packBytes: options.packBytes,
      });
    }
    return reportOf(plan);
  });
}

interface Work {
  readonly plan: PrunePlan;
  readonly input: PlanInput;
  readonly oldIndex: readonly string[];
  readonly lock: Lock;
  readonly packBytes: number | undefined;
}

async function carryOut(repository: Repository, work: Work): Promise<void> {
  const { plan, oldIndex, lock } = work;
  if (plan.repacked.length + plan.removed.length + plan.lost.length === 0) return;
  const newIndex = await repack(repository, work);
  await lock.requireHeld();
  const keptIDs = new Set(plan.kept.map(({ id }) => id));
  const packs = work.input.index.packs().filter(({ id }) => keptIDs.has(id));
  await replaceIndex(repository, { packs, oldIndex, newIndex, lock });
  await lock.requireHeld();
  for (const { id } of [...plan.repacked, ...plan.removed]) {
    await repository.storage.delete(`data/${id}`, { signal: lock.signal });
  }
}

/** @returns the ids of the index files that name the new packs */
async function repack(
  repository: Repository,
  { plan, input, lock, packBytes }: Work,
): Promise<readonly string[]> {
  const { signal } = lock;
  const writer = new PackWriter({
    place: repository,
    index: new BlobIndex(),
    signal,
    ...(packBytes && { packBytes }),
  });
  const repackedIDs = new Set(plan.repacked.map(({ id }) => id));
  for (const pack of input.index.packs()) {
    if (!repackedIDs.has(pack.id)) continue;
    const used = pack.blobs.filter((blob) => isUsedHere(input, blob));
    const start = Math.min(...used.map(({ offset }) => offset));
    const end = Math.max(...used.map(({ offset, length }) => offset + length));
    // One request for each pack: a far storage takes longer to answer than to send what lies between.
    const bytes = await repository.storage.get(`data/${pack.id}`, { start, end }, { signal });
    for (const blob of used) {
      const at = blob.offset - start;
      // A copy, which `slice` of a Buffer is not: a blob that is kept must not keep the rest of its pack in memory.
      const sealed = new Uint8Array(bytes.subarray(at, at + blob.length));
      // What is damaged stays where it is: its pack may be mended from a copy.
      if (openBlob(repository, blob, sealed) === undefined) throw vaultError('blob-damaged');
      await writer.add({ ...blob, sealed });
    }
  }
  await writer.flush();
  return writer.indexFileIDs;
}

function reportOf({ kept, repacked, removed }: PrunePlan): PruneReport {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    packsKept: kept.length,
    packsRepacked: repacked.length,
    packsRemoved: removed.length,
    usedBytes: sum([...kept, ...repacked].map(({ usedBytes }) => usedBytes)),
    unusedBytesKept: sum(kept.map(({ unusedBytes }) => unusedBytes)),
    freedBytes:
      sum(removed.map(({ sizeBytes }) => sizeBytes)) + sum(repacked.map(({ unusedBytes }) => unusedBytes)),
  };
}
