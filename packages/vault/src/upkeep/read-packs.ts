import { availableParallelism } from 'node:os';
import { storageError } from '../errors.ts';
import type { IndexedBlob } from '../repository/blob-index.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import { packThread, verifyOn } from './pack-thread.ts';
import type { Places, VaultFinding } from './places.ts';
import { type PackVerdict, verifyPack } from './verify-pack.ts';

/** A thread starts in the time that two packs take. */
const PACKS_PER_THREAD_MIN = 4;

/** Each has a pack in memory, and one more is on its way. */
const THREADS_MAX = 4;

interface IndexedPack {
  readonly id: string;
  readonly blobs: readonly IndexedBlob[];
}

interface ReadOptions extends CallOptions {
  readonly places: Places;
  readonly onRead: (pack: IndexedPack) => void;
}

/**
 * Reads packs and verifies them, on all cores if there are many.
 *
 * @param packs is taken from by all threads in turn; it is closed when one of them fails
 * @param options.onRead after each
 * @returns what is wrong with them; `places` learns which blobs are lost
 * @throws what the storage throws, when all that was on its way has arrived; the reason of the signal
 */
export async function readPacks(
  repository: Repository,
  { packs, count }: { readonly packs: Iterator<IndexedPack> & Iterable<IndexedPack>; readonly count: number },
  { places, onRead, signal }: ReadOptions,
): Promise<readonly VaultFinding[]> {
  const findings: VaultFinding[] = [];
  const threadCount = Math.min(THREADS_MAX, availableParallelism(), Math.floor(count / PACKS_PER_THREAD_MIN));
  const threads = Array.from({ length: threadCount }, packThread);
  const readAll = async (verify: Verify): Promise<void> => {
    for (const pack of packs) {
      findings.push(...(await readPack(repository, pack, { verify, places, signal })));
      onRead(pack);
    }
  };
  const verifies: readonly Verify[] =
    threads.length > 0
      ? threads.map((thread) => (pack, bytes) => verifyOn(thread, { key: repository.key, pack, bytes }))
      : [async (pack, bytes) => verifyPack(repository.key, pack, bytes)];
  // Whoever fails closes `packs`; the others are done with theirs before anybody gives a thread away.
  const outcomes = await Promise.allSettled(verifies.map(readAll));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  await Promise.all(threads.map((thread) => (failed ? thread.terminate() : thread.giveBack())));
  if (failed) throw failed.reason;
  return findings;
}

/** @param bytes given away */
type Verify = (pack: IndexedPack, bytes: Uint8Array) => Promise<PackVerdict>;

async function readPack(
  { storage }: Repository,
  pack: IndexedPack,
  { verify, places, signal }: Omit<ReadOptions, 'onRead'> & { readonly verify: Verify },
): Promise<readonly VaultFinding[]> {
  const bytes = await storage.get(`data/${pack.id}`, undefined, { signal }).catch((error: unknown) => {
    if (storageError.matches(error, 'not-found') || storageError.matches(error, 'too-large'))
      return undefined;
    throw error;
  });
  if (bytes === undefined) {
    places.distrustPack(pack.id);
    return [{ code: 'pack-missing', id: pack.id }];
  }
  const { isWhole, lostOffsets } = await verify(pack, bytes);
  for (const offset of lostOffsets) places.distrust({ packID: pack.id, offset });
  return isWhole ? [] : [{ code: 'pack-damaged', id: pack.id }];
}
