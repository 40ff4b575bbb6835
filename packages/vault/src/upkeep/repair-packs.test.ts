import { seededRandom } from '@rootcellar/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { exampleVault, filesIn, HASTY_CLOCK, saveExample } from '../example-vault.ts';
import { Contents } from '../repository/contents.ts';
import type { Repository } from '../repository/repository.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { openSnapshot } from '../snapshots/snapshot-tree.ts';
import { type MemoryStorage, memoryStorage } from '../storage/memory-storage.ts';
import type { StoredName } from '../storage/storage.ts';
import { checkVault } from './check.ts';
import { prune } from './prune.ts';
import { repairIndex } from './repair-index.ts';
import { repairPacks } from './repair-packs.ts';

const clock = HASTY_CLOCK;
/** So many that every pack has some. */
const files = Object.fromEntries(
  Array.from({ length: 20 }, (_, n) => [`${n}`, seededRandom(`${n}`).bytes(5_000)]),
);

describe('packs that are repaired', () => {
  let storage: MemoryStorage;
  let repository: Repository;
  let snapshot: Snapshot;
  /** A pack of pieces of files, and how many are in it. */
  let packID: string;
  let blobs: number;
  const pack = (): StoredName => `data/${packID}`;
  const check = () => checkVault(repository, { readData: 'all', clock });

  beforeEach(async () => {
    storage = memoryStorage();
    const contents = await exampleVault(storage);
    ({ repository } = contents);
    snapshot = await saveExample(contents, files);
    const pieces = [...contents.index.entries()].filter(({ type }) => type === 'data');
    packID = pieces[0]?.packID ?? '';
    blobs = pieces.filter((piece) => piece.packID === packID).length;
  });

  test('are there afterwards when nothing was wrong with them', async () => {
    const opened = async () => filesIn(openSnapshot(await Contents.open(repository), snapshot));
    const before = await opened();
    for (const id of [packID, ...(await Contents.open(repository)).index.packIDs]) {
      expect(await repairPacks(repository, new Set([id]), { clock })).toMatchObject({ blobsLost: 0 });
      expect(await check()).toMatchObject({ isWhole: true });
    }
    // No `toEqual`: what differs would be printed.
    expect(JSON.stringify(await opened()) === JSON.stringify(before)).toBe(true);
  });

  test('are forgotten by the index when they are gone', async () => {
    storage.files.delete(pack());
    expect((await check()).findings).toContainEqual({ code: 'pack-missing', id: packID });
    expect(await repairPacks(repository, new Set([packID]), { clock })).toEqual({
      blobsKept: 0,
      blobsLost: blobs,
    });
    expect((await check()).findings).toEqual([{ code: 'snapshot-damaged', id: snapshot.id }]);
  });

  test('stay where they are when they are not to go', async () => {
    flipIn(storage, pack());
    const before = storage.files.get(pack());
    expect(await repairPacks(repository, new Set([packID]), { keepsFiles: true, clock })).toEqual({
      blobsKept: blobs - 1,
      blobsLost: 1,
    });
    expect(storage.files.get(pack())).toEqual(before);
    expect((await Contents.open(repository)).index.packIDs).not.toContain(packID);
    expect(await check()).toMatchObject({ damagedSnapshots: [snapshot.id], isIndexIncomplete: false });
  });

  test('come back by a repair of the index when they had only seemed to be damaged', async () => {
    const whole = storage.files.get(pack()) as Uint8Array;
    flipIn(storage, pack());
    await repairPacks(repository, new Set([packID]), { keepsFiles: true, clock });
    storage.files.set(pack(), whole);
    expect(await check()).toMatchObject({ damagedSnapshots: [snapshot.id], isIndexIncomplete: true });
    await repairIndex(repository, { clock });
    expect(await check()).toMatchObject({ isWhole: true });
  });

  test('are not taken for what has healed them, by whoever prunes, when an index names them again', async () => {
    flipIn(storage, pack());
    await repairPacks(repository, new Set([packID]), { keepsFiles: true, clock });
    await saveExample(await Contents.open(repository), files);
    expect(await check()).toMatchObject({ damagedSnapshots: [] });
    await repairIndex(repository, { clock });
    await prune(repository, { clock, unusedFractionMax: 0 });
    expect(await check()).toMatchObject({ damagedSnapshots: [] });
  });
});

function flipIn(storage: MemoryStorage, name: StoredName): void {
  const bytes = Uint8Array.from(storage.files.get(name) ?? []);
  const at = bytes.length >> 2;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  storage.files.set(name, bytes);
}
