import { seededRandom } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { exampleVault, filesIn, HASTY_CLOCK, saveExample } from '../example-vault.ts';
import { Contents } from '../repository/contents.ts';
import { deleteSnapshot, listSnapshots } from '../snapshots/snapshot-list.ts';
import { openSnapshot } from '../snapshots/snapshot-tree.ts';
import { type MemoryStorage, memoryStorage } from '../storage/memory-storage.ts';
import type { StoredName } from '../storage/storage.ts';
import { checkVault } from './check.ts';
import { prune } from './prune.ts';
import { recoverTrees } from './recover-trees.ts';
import { repairIndex } from './repair-index.ts';
import { salvageSnapshot } from './salvage.ts';

const clock = HASTY_CLOCK;
const noise = (seed: string, bytes = 40_000) => seededRandom(seed).bytes(bytes);

/** Two snapshots that share a file, in small packs. */
async function twoSnapshots() {
  const storage = memoryStorage();
  const contents = await exampleVault(storage);
  const shared = noise('shared');
  const first = await saveExample(
    contents,
    { 'a/shared': shared, 'a/first': noise('1') },
    { packBytes: 50_000 },
  );
  const second = await saveExample(
    contents,
    { 'b/shared': shared, second: noise('2') },
    { packBytes: 50_000 },
  );
  const filesOf = async (snapshot: typeof first) =>
    filesIn(openSnapshot(await Contents.open(contents.repository), snapshot));
  return { storage, contents, repository: contents.repository, first, second, filesOf };
}

const namesIn = (storage: MemoryStorage, folder: string) =>
  [...storage.files.keys()].filter((name) => name.startsWith(`${folder}/`));
const sizeOf = (storage: MemoryStorage, folder: string) =>
  namesIn(storage, folder).reduce((sum, name) => sum + (storage.files.get(name)?.length ?? 0), 0);
const codesOf = ({ findings }: { readonly findings: readonly { readonly code: string }[] }) =>
  [...new Set(findings.map(({ code }) => code))].sort();

/** Flips a bit in the middle, or cuts the end off. */
function damage(storage: MemoryStorage, name: StoredName, how: 'flip' | 'cut' = 'flip'): void {
  const bytes = Uint8Array.from(storage.files.get(name) ?? []);
  const at = bytes.length >> 1;
  if (how === 'flip') bytes[at] = (bytes[at] ?? 0) ^ 1;
  storage.files.set(name, how === 'flip' ? bytes : bytes.subarray(0, -10));
}

async function packOf({
  contents,
  content,
}: {
  contents: Contents;
  content: Uint8Array;
}): Promise<StoredName> {
  const { idOf } = await import('../repository/ids.ts');
  return `data/${contents.index.get(idOf(content), 'data')?.packID}`;
}

describe('checking a vault', () => {
  test('finds nothing in a whole one', async () => {
    const { repository } = await twoSnapshots();
    const report = await checkVault(repository, { readData: 'all', clock });
    expect(report).toMatchObject({ isWhole: true, findings: [], snapshots: 2, damagedSnapshots: [] });
    expect(report.packsRead).toBe(report.packs);
  });

  test('names the snapshots that a lost pack damages, and no others', async () => {
    const { storage, contents, repository, first } = await twoSnapshots();
    storage.files.delete(await packOf({ contents, content: noise('1') }));
    const report = await checkVault(repository, { clock });
    expect(report.isWhole).toBe(false);
    expect(codesOf(report)).toEqual(['pack-missing', 'snapshot-damaged']);
    expect(report.damagedSnapshots).toContain(first.id);
  });

  test('sees a pack that was cut short without reading it, and a flipped bit by reading', async () => {
    const { storage, contents, repository } = await twoSnapshots();
    const name = await packOf({ contents, content: noise('2') });
    const whole = storage.files.get(name) as Uint8Array;
    damage(storage, name, 'cut');
    expect(codesOf(await checkVault(repository, { clock }))).toContain('pack-size-wrong');
    storage.files.set(name, whole);
    damage(storage, name);
    expect((await checkVault(repository, { clock })).isWhole).toBe(true);
    const report = await checkVault(repository, { readData: 'all', clock });
    expect(codesOf(report)).toEqual(['pack-damaged', 'snapshot-damaged']);
  });

  test('finds the damaged one of many packs, which threads read', async () => {
    const storage = memoryStorage();
    const contents = await exampleVault(storage);
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${n}`, noise(`${n}`)]));
    const { id } = await saveExample(contents, files, { packBytes: 1 });
    const whole = await checkVault(contents.repository, { readData: 'all', clock });
    expect(whole).toMatchObject({ isWhole: true, packsRead: 21, packs: 21 });
    const name = await packOf({ contents, content: noise('7') });
    damage(storage, name);
    const damaged = await checkVault(contents.repository, { readData: 'all', clock });
    expect(damaged).toMatchObject({ isWhole: false, packsRead: 21, damagedSnapshots: [id] });
    expect(damaged.findings).toContainEqual({ code: 'pack-damaged', id: name.slice(5) });
  });

  test('reads every pack once in as many parts as one likes', async () => {
    const { repository } = await twoSnapshots();
    let packsRead = 0;
    for (const part of [1, 2, 3])
      packsRead += (await checkVault(repository, { readData: { part, of: 3 }, clock })).packsRead;
    expect(packsRead).toBe((await checkVault(repository, { clock })).packs);
  });

  test('tells a lost index from lost packs, whatever a run that was stopped has left', async () => {
    const { storage, contents, repository } = await twoSnapshots();
    storage.files.set(`data/${'ab'.repeat(32)}`, Buffer.from('of a run that was stopped'));
    const [pack, index] = [await packOf({ contents, content: noise('1') }), namesIn(storage, 'index')[0]];
    const kept = {
      [pack]: storage.files.get(pack),
      [index as StoredName]: storage.files.get(index as StoredName),
    };
    expect(await checkVault(repository, { clock })).toMatchObject({
      isWhole: true,
      isIndexIncomplete: false,
    });
    for (const [name, isIndexIncomplete] of [
      [pack, false],
      [index, true],
    ] as const) {
      storage.files.delete(name as StoredName);
      expect(await checkVault(repository, { clock })).toMatchObject({ isWhole: false, isIndexIncomplete });
      storage.files.set(name as StoredName, kept[name as StoredName] as Uint8Array);
    }
    // A pack that is lost, and that the index has forgotten since.
    storage.files.delete(pack);
    await repairIndex(repository, { clock });
    expect(await checkVault(repository, { clock })).toMatchObject({
      isWhole: false,
      isIndexIncomplete: false,
    });
  });

  test('finds damaged records and index files, and says what it could still see', async () => {
    const { storage, repository } = await twoSnapshots();
    damage(storage, namesIn(storage, 'snapshots')[0] as StoredName);
    damage(storage, namesIn(storage, 'index')[0] as StoredName, 'cut');
    const report = await checkVault(repository, { clock });
    expect(codesOf(report)).toContain('snapshot-record-damaged');
    expect(codesOf(report)).toContain('index-file-damaged');
    expect(report.snapshots).toBe(1);
  });
});

describe('pruning', () => {
  test('frees what only deleted snapshots needed, and keeps the rest byte for byte', async () => {
    const { storage, repository, first, second, filesOf } = await twoSnapshots();
    const before = await filesOf(second);
    const bytesBefore = sizeOf(storage, 'data');
    await deleteSnapshot(repository, first.id);
    const report = await prune(repository, { clock, packBytes: 50_000 });
    expect(report.freedBytes).toBeGreaterThan(40_000);
    expect(sizeOf(storage, 'data')).toBeLessThan(bytesBefore - 39_000);
    expect(await filesOf(second)).toEqual(before);
    expect(await checkVault(repository, { readData: 'all', clock })).toMatchObject({
      isWhole: true,
      findings: [],
    });
  });

  test('lets those read on who opened the vault before', async () => {
    const contents = await exampleVault();
    const { repository } = contents;
    // So many that every pack has some of both.
    const many = (what: string) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${what}${n}`, noise(`${what}${n}`, 5_000)]));
    const first = await saveExample(contents, { ...many('kept'), ...many('gone') });
    const second = await saveExample(contents, many('kept'));
    const expected = await filesIn(openSnapshot(contents, second));
    const before = await Contents.open(repository);
    await deleteSnapshot(repository, first.id);
    expect((await prune(repository, { clock, unusedFractionMax: 0 })).packsRepacked).toBeGreaterThan(0);
    expect(await filesIn(openSnapshot(before, second))).toEqual(expected);
  });

  test('has nothing to do the second time', async () => {
    const { storage, repository, first } = await twoSnapshots();
    await deleteSnapshot(repository, first.id);
    await prune(repository, { clock });
    const names = [...storage.files.keys()];
    expect(await prune(repository, { clock })).toMatchObject({
      packsRemoved: 0,
      packsRepacked: 0,
      freedBytes: 0,
    });
    expect([...storage.files.keys()]).toEqual(names);
  });

  test('only says what it would do when asked to', async () => {
    const { storage, repository, first } = await twoSnapshots();
    await deleteSnapshot(repository, first.id);
    const names = [...storage.files.keys()];
    expect((await prune(repository, { clock, dryRun: true })).freedBytes).toBeGreaterThan(40_000);
    expect([...storage.files.keys()]).toEqual(names);
  });

  test('removes packs that no index names, and joins small ones', async () => {
    const storage = memoryStorage();
    const contents = await exampleVault(storage);
    const snapshots = [];
    for (let i = 0; i < 9; i += 1)
      snapshots.push(await saveExample(contents, { file: `${i}`, kept: 'kept' }));
    const id = 'ab'.repeat(32);
    storage.files.set(`data/${id}`, Buffer.from('orphan'));
    expect(codesOf(await checkVault(contents.repository, { clock }))).toEqual(['pack-unindexed']);
    await prune(contents.repository, { clock });
    expect(namesIn(storage, 'data').length).toBeLessThanOrEqual(4);
    await contents.refresh();
    for (const [i, snapshot] of snapshots.entries()) {
      expect(await filesIn(openSnapshot(contents, snapshot))).toEqual({ file: `${i}`, kept: 'kept' });
    }
  });

  test('deletes nothing when a snapshot is damaged, or a record or an index file cannot be read', async () => {
    for (const folder of ['snapshots', 'index', 'data'] as const) {
      const { storage, repository, first } = await twoSnapshots();
      await deleteSnapshot(repository, first.id);
      for (const name of namesIn(storage, folder)) damage(storage, name, folder === 'data' ? 'cut' : 'flip');
      if (folder === 'data') for (const name of namesIn(storage, folder).slice(1)) storage.files.delete(name);
      const names = [...storage.files.keys()];
      await expect(prune(repository, { clock })).rejects.toThrow();
      expect([...storage.files.keys()]).toEqual(names);
    }
  });
});

describe('pruning a vault that is not whole', () => {
  test('deletes nothing when a part of the index was lost', async () => {
    const { storage, repository, first } = await twoSnapshots();
    await deleteSnapshot(repository, first.id);
    for (const lost of namesIn(storage, 'index')) {
      const copy = memoryStorage({ files: storage.files });
      copy.files.delete(lost);
      const names = [...copy.files.keys()];
      await expect(
        prune({ ...repository, key: repository.key, storage: copy }, { clock }),
      ).rejects.toMatchObject({
        code: 'vault.blob-missing',
      });
      expect([...copy.files.keys()]).toEqual(names);
    }
  });

  test('keeps what can be read of a pack that lost its end', async () => {
    const { storage, contents, repository, second, filesOf } = await twoSnapshots();
    const before = await filesOf(second);
    damage(storage, await packOf({ contents, content: noise('2') }), 'cut');
    await prune(repository, { clock });
    expect(await filesOf(second)).toEqual(before);
    expect((await checkVault(repository, { readData: 'all', clock })).findings).toEqual([]);
  });
});

describe('mending', () => {
  test('a lost index is made anew from the packs', async () => {
    const { storage, repository, first, second, filesOf } = await twoSnapshots();
    const before = [await filesOf(first), await filesOf(second)];
    for (const name of namesIn(storage, 'index')) storage.files.delete(name);
    const repair = await repairIndex(repository, { clock });
    expect(repair).toMatchObject({ unreadablePacks: [], lostPacks: [], damagedFiles: [] });
    expect(repair.packsRead).toBe(repair.packs);
    expect([await filesOf(first), await filesOf(second)]).toEqual(before);
    expect((await checkVault(repository, { readData: 'all', clock })).findings).toEqual([]);
  });

  test('an index that names lost packs forgets them, and a damaged file of it is replaced', async () => {
    const { storage, contents, repository } = await twoSnapshots();
    storage.files.delete(await packOf({ contents, content: noise('1') }));
    damage(storage, namesIn(storage, 'index')[1] as StoredName);
    const repair = await repairIndex(repository, { clock });
    expect(repair.lostPacks).toHaveLength(1);
    expect(repair.damagedFiles).toHaveLength(1);
    expect(repair.packsRead).toBeGreaterThan(0);
    expect(codesOf(await checkVault(repository, { clock }))).toEqual(['snapshot-damaged']);
  });

  test('what is whole of a damaged snapshot becomes one of its own', async () => {
    const storage = memoryStorage();
    const contents = await exampleVault(storage);
    const files = { 'a/bad': noise('bad'), 'a/good': 'good', 'b/good': 'better' };
    const snapshot = await saveExample(contents, files, { packBytes: 30_000, tags: ['device:1'] });
    const pack = await packOf({ contents, content: files['a/bad'] });
    const whole = storage.files.get(pack) as Uint8Array;
    // The first byte of a pack belongs to its first blob, which here is the large one or a small one.
    const blob = [...contents.index.entries()].find(({ length }) => length > 40_000);
    const bytes = Uint8Array.from(whole);
    bytes[(blob?.offset ?? 0) + 5] = (bytes[(blob?.offset ?? 0) + 5] ?? 0) ^ 1;
    storage.files.set(pack, bytes);

    const { snapshot: salvaged, lost, files: saved } = await salvageSnapshot(contents, snapshot, { clock });
    expect(lost).toEqual(['a/bad']);
    expect(saved).toBe(2);
    expect(salvaged?.tags).toEqual(['device:1', 'incomplete', 'archived', 'salvaged']);
    expect(salvaged?.id).not.toBe(snapshot.id);
    if (salvaged) {
      expect(await filesIn(openSnapshot(contents, salvaged))).toEqual({
        'a/good': 'good',
        'b/good': 'better',
      });
    }
    // Of what is kept already, no more is kept; what was healed since is.
    const again = (filesKept: number) => salvageSnapshot(contents, snapshot, { clock, filesKept });
    expect(await again(2)).toMatchObject({ snapshot: undefined, files: 2 });
    expect(await again(1)).toMatchObject({
      snapshot: { tree: salvaged?.tree, tags: expect.arrayContaining(['salvaged']) },
      files: 2,
    });
  });

  test('a snapshot that is whole is not salvaged', async () => {
    const { contents, first, repository } = await twoSnapshots();
    expect(await salvageSnapshot(contents, first, { clock })).toMatchObject({
      snapshot: undefined,
      lost: [],
      files: 2,
    });
    expect(await listSnapshots(repository)).toHaveLength(2);
  });

  test('trees whose records were lost get new ones', async () => {
    const { storage, contents, repository, first, second, filesOf } = await twoSnapshots();
    const before = [await filesOf(first), await filesOf(second)];
    for (const name of namesIn(storage, 'snapshots')) storage.files.delete(name);
    const found = await recoverTrees(contents, { clock, hostname: 'hub', paths: ['/phone'] });
    expect(found.map(({ tree }) => tree).sort()).toEqual([first.tree, second.tree].sort());
    const byTree = new Map(found.map((snapshot) => [snapshot.tree, snapshot]));
    const recovered = [first, second].map(({ tree }) => byTree.get(tree));
    expect([await filesOf(recovered[0] ?? first), await filesOf(recovered[1] ?? second)]).toEqual(before);
    expect(await recoverTrees(contents, { clock, hostname: 'hub', paths: ['/phone'] })).toEqual([]);
    expect(await listSnapshots(repository)).toHaveLength(2);
  });
});
