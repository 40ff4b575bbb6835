import { type Clock, systemClock } from '@rootcellar/core';
import type { BlobIndex } from '../repository/blob-index.ts';
import { BlobReader } from '../repository/blob-reader.ts';
import { loadIndex } from '../repository/load-index.ts';
import { withLock } from '../repository/lock.ts';
import { packBytes } from '../repository/pack-header.ts';
import type { Repository } from '../repository/repository.ts';
import { notWholeAt, unreadableAt } from '../snapshots/snapshot.ts';
import { listSnapshots } from '../snapshots/snapshot-list.ts';
import type { CallOptions } from '../storage/storage.ts';
import { findDamagedSnapshots } from './damaged-snapshots.ts';
import { isWholeInAny, type StoredPack } from './look-into-pack.ts';
import { Places, type VaultFinding, type VaultFindingCode } from './places.ts';
import { readPacks } from './read-packs.ts';
import { storedPacks } from './stored-packs.ts';

export interface CheckOptions extends CallOptions {
  /** Read packs and verify every byte in them: of all, or of the n-th of m parts. Default: of none. */
  readonly readData?: 'all' | { readonly part: number; readonly of: number };
  readonly onPack?: (done: { readonly packs: number; readonly of: number; readonly bytes: number }) => void;
  /** For a place that nothing may be written to. Others could delete what is being looked at. */
  readonly withoutLock?: boolean;
  readonly clock?: Clock;
}

export interface CheckReport {
  /** Nothing but hints was found. */
  readonly isWhole: boolean;
  readonly findings: readonly VaultFinding[];
  readonly snapshots: number;
  /** Ids of snapshots that cannot be restored completely. */
  readonly damagedSnapshots: readonly string[];
  /** Ids of those of which something could not be read before, and of which every byte was read now and is whole. */
  readonly mendedSnapshots: readonly string[];
  /**
   * Packs that no index names have, whole, what snapshots lack, or a part of the index is lost: as long as it is not repaired, nobody
   * knows whether they are damaged.
   */
  readonly isIndexIncomplete: boolean;
  readonly packs: number;
  readonly packsRead: number;
  readonly blobs: number;
}

/** Blobs that no index names, to be looked for elsewhere: one that is found tells enough. */
const MISSING_MAX = 10_000;

/** Not damage, as long as no snapshot lacks anything: space that the next prune frees. */
const HINTS: ReadonlySet<VaultFindingCode> = new Set(['pack-unindexed']);

/**
 * Checks that every snapshot can be restored: that all it needs is in the index, and in packs that are there in
 * their full size. With `readData` also that the bytes are those that were stored. Damage is found, never thrown.
 *
 * @throws `vault.locked`, and what the storage throws
 */
export async function checkVault(repository: Repository, options: CheckOptions = {}): Promise<CheckReport> {
  const { clock = systemClock, signal } = options;
  if (options.withoutLock === true) return check(repository, options, signal);
  return withLock(repository, { clock, signal }, (lock) => check(repository, options, lock.signal));
}

async function check(
  repository: Repository,
  options: CheckOptions,
  signal: AbortSignal | undefined,
): Promise<CheckReport> {
  const findings: VaultFinding[] = [];
  const find = (code: VaultFindingCode) => (id: string) => void findings.push({ code, id });
  // Snapshots first: the index that is loaded after them knows all they need.
  const snapshots = await listSnapshots(repository, { signal, onDamaged: find('snapshot-record-damaged') });
  const { index } = await loadIndex(repository, { signal, onDamaged: find('index-file-damaged') });
  const places = new Places(index);
  const { present, unindexed } = await lookAtPacks(repository, { index, places, findings, signal });
  const wanted = new Set(present.filter((id) => isInPart(id, options.readData)));
  let packsRead = 0;
  let bytes = 0;
  const onRead: Parameters<typeof readPacks>[2]['onRead'] = ({ blobs }) => {
    packsRead += 1;
    bytes += packBytes(blobs);
    options.onPack?.({ packs: packsRead, of: wanted.size, bytes });
  };
  const packs = index.packs().filter(({ id }) => wanted.has(id));
  const count = wanted.size;
  findings.push(...(await readPacks(repository, { packs, count }, { places, signal, onRead })));
  const reader = new BlobReader(repository, () => index);
  const missing = new Set<string>();
  const onMissing = (id: string) => missing.size < MISSING_MAX && missing.add(id);
  const damagedSnapshots = await findDamagedSnapshots({ reader, places, snapshots, signal, onMissing });
  for (const id of damagedSnapshots) find('snapshot-damaged')(id);
  const damagedBefore = snapshots
    .filter((snapshot) => unreadableAt(snapshot) !== undefined && !damagedSnapshots.includes(snapshot.id))
    .map(({ id }) => id);
  const isAllRead = options.readData === 'all';
  if (!isAllRead) for (const id of damagedBefore) find('snapshot-damaged-before')(id);
  for (const snapshot of snapshots) if (notWholeAt(snapshot)) find('snapshot-not-whole')(snapshot.id);
  const isIndexIncomplete =
    missing.size > 0 &&
    (findings.some(({ code }) => code === 'index-file-damaged') ||
      (await isWholeInAny(repository, { packs: unindexed, blobs: missing }, { signal })));
  return {
    isWhole: findings.every(({ code }) => HINTS.has(code)),
    findings,
    snapshots: snapshots.length,
    damagedSnapshots,
    mendedSnapshots: isAllRead ? damagedBefore : [],
    isIndexIncomplete,
    packs: index.packIDs.length,
    packsRead,
    blobs: index.size,
  };
}

interface Look extends CallOptions {
  readonly index: BlobIndex;
  readonly places: Places;
  readonly findings: VaultFinding[];
}

interface Packs {
  /** That are there, as large as they should be. */
  readonly present: readonly string[];
  /** That are there, and no index names them. */
  readonly unindexed: readonly StoredPack[];
}

async function lookAtPacks(
  { storage }: Repository,
  { index, places, findings, signal }: Look,
): Promise<Packs> {
  const stored = await storedPacks(storage, { signal });
  const present: string[] = [];
  for (const { id, blobs } of index.packs()) {
    const sizeBytes = stored.get(id);
    stored.delete(id);
    if (sizeBytes === packBytes(blobs)) {
      present.push(id);
      continue;
    }
    findings.push({ code: sizeBytes === undefined ? 'pack-missing' : 'pack-size-wrong', id });
    places.distrustPack(id);
  }
  for (const id of stored.keys()) findings.push({ code: 'pack-unindexed', id });
  return { present, unindexed: [...stored].map(([id, sizeBytes]) => ({ id, sizeBytes })) };
}

/** The same packs are in the same part each time, so that m runs read all that was there. */
function isInPart(packID: string, readData: CheckOptions['readData']): boolean {
  if (readData === undefined) return false;
  return readData === 'all' || Number.parseInt(packID.slice(0, 8), 16) % readData.of === readData.part - 1;
}
