import { createHash } from 'node:crypto';
import {
  type Clock,
  memoryTree,
  type ReadableTree,
  ROOT,
  Secret,
  seededRandom,
  systemClock,
  type TreePath,
  treePath,
} from '@rootcellar/core';
import {
  Contents,
  checkVault,
  createRepository,
  deleteSnapshot,
  faultyStorage,
  listSnapshots,
  type MemoryStorage,
  memoryStorage,
  openRepository,
  openSnapshot,
  prune,
  type Repository,
  repairIndex,
  repairPacks,
  retagSnapshot,
  type Snapshot,
  type Storage,
  saveSnapshot,
} from '@rootcellar/vault';
import { beforeAll, describe, expect, test } from 'vitest';

const PASSWORD = new Secret('correct horse');

/** Short waits take none; a lock of a process that "died" is one of this process, so it is removed by hand. */
const clock: Clock = {
  now: systemClock.now,
  sleep: (ms, signal) => (ms < 1000 ? Promise.resolve() : systemClock.sleep(ms, signal)),
};

const SMALL_PACKS = 30_000;
const options = { paths: ['/phone'], hostname: 'hub', clock, packBytes: SMALL_PACKS };

/** How the process ends: before a change is made, or right after, when nobody hears of it any more. */
const DEATHS = ['before', 'after'] as const;

type Look = (storage: MemoryStorage) => Promise<void>;
type Work = (contents: Contents) => Promise<unknown>;

class Died extends Error {}

/** The process dies at the n-th change: nothing it does later has an effect either. */
function dying(memory: MemoryStorage, atChange: number, how: (typeof DEATHS)[number]): Storage {
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Died();
  };
  return faultyStorage(memory, {
    before: ({ change }) => {
      if (isDead || (how === 'before' && change === atChange)) die();
    },
    after: ({ change, kind }) => {
      if (how === 'after' && change === atChange && (kind === 'put' || kind === 'delete')) die();
    },
  });
}

describe('a vault, whose program dies at every change it makes', () => {
  let start: MemoryStorage;
  let earlier: readonly Snapshot[];
  let digests: ReadonlyMap<string, string>;

  beforeAll(async () => {
    start = memoryStorage();
    const work = { N: 2, r: 8, p: 1 };
    const repository = await createRepository(start, { password: PASSWORD, work });
    const contents = await Contents.open(repository);
    for (const seed of ['1', '2', '3'])
      await saveSnapshot(contents, { ...options, tree: await exampleTree(seed) });
    earlier = await listSnapshots(repository);
    digests = new Map(
      await Promise.all(earlier.map(async (s) => [s.id, await digestOf(contents, s)] as const)),
    );
  });

  /**
   * Lets `work` die at each change in turn. After each death every earlier snapshot (but those that `work` was to
   * delete) restores byte for byte, nothing is damaged, and the same work runs to its end.
   */
  async function dieEverywhere(from: MemoryStorage, work: Work, expectIntact: Look): Promise<number> {
    let deaths = 0;
    for (const how of DEATHS) {
      for (let change = 1; ; change += 1) {
        const memory = memoryStorage({ files: from.files });
        const died = await runUntilDeath(dying(memory, change, how), work);
        removeLocksOf(memory);
        await expectIntact(memory);
        await work(await openedContents(memory));
        await expectIntact(memory);
        if (!died) break;
        deaths += 1;
      }
    }
    return deaths;
  }

  async function expectEarlierIntact(memory: MemoryStorage, except: ReadonlySet<string> = new Set()) {
    const contents = await openedContents(memory);
    const report = await checkVault(contents.repository, { readData: 'all', clock });
    expect(report).toMatchObject({ isWhole: true, damagedSnapshots: [] });
    const now = new Map(
      (await listSnapshots(contents.repository)).map((snapshot) => [snapshot.id, snapshot]),
    );
    for (const { id } of earlier) {
      const snapshot = now.get(id);
      if (except.has(id)) continue;
      expect(snapshot, 'an earlier snapshot').toBeDefined();
      if (snapshot) expect(await digestOf(contents, snapshot)).toBe(digests.get(id));
    }
  }

  test('while it saves a snapshot with checkpoints', async () => {
    const tree = await exampleTree('4');
    const save: Work = async (contents) => {
      const parent = (await listSnapshots(contents.repository)).at(-1);
      const checkpoints = { afterBytes: 60_000 };
      const base = parent ? { parent } : {};
      const saved = await saveSnapshot(contents, { ...options, ...base, tree, checkpoints });
      expect(await digestOf(contents, saved)).toBe(await digestOfTree(tree));
    };
    expect(await dieEverywhere(start, save, expectEarlierIntact)).toBeGreaterThan(20);
  });

  /** How a vault is packed is left to chance. What the deleted snapshot shared lies in packs with what it did not. */
  async function withOneToRepack(): Promise<{ readonly from: MemoryStorage; readonly gone: string }> {
    for (const { id: gone } of earlier) {
      const from = memoryStorage({ files: start.files });
      const { repository } = await openedContents(from);
      await deleteSnapshot(repository, gone);
      const { packsRepacked } = await prune(repository, { clock, unusedFractionMax: 0, dryRun: true });
      if (packsRepacked > 0) return { from, gone };
    }
    throw new Error('No snapshot shares a pack with another');
  }

  test('while it prunes', async () => {
    const { from, gone } = await withOneToRepack();
    const work: Work = ({ repository }) =>
      prune(repository, { clock, packBytes: SMALL_PACKS, unusedFractionMax: 0 });
    const deaths = await dieEverywhere(from, work, (memory) => expectEarlierIntact(memory, new Set([gone])));
    expect(deaths).toBeGreaterThan(10);
  });

  test('while it puts what is whole of packs into new ones', async () => {
    const contents = await openedContents(start);
    // Nothing in them is damaged, so nothing may be lost of them either.
    const packs = new Set(contents.index.packIDs.slice(0, 3));
    const work: Work = async ({ repository }) => {
      expect(await repairPacks(repository, packs, { clock })).toMatchObject({ blobsLost: 0 });
    };
    expect(await dieEverywhere(start, work, expectEarlierIntact)).toBeGreaterThan(5);
  });

  test('while it makes a new index', async () => {
    const from = memoryStorage({ files: start.files });
    const names = [...from.files.keys()].filter((name) => name.startsWith('index/'));
    from.files.delete(names[0] ?? 'config');
    const work: Work = ({ repository }) => repairIndex(repository, { clock });
    const repaired = new Set<MemoryStorage>();
    const deaths = await dieEverywhere(from, work, async (memory) => {
      // Until the work has ended once, what the lost index named stays lost.
      if (repaired.has(memory)) return expectEarlierIntact(memory);
      repaired.add(memory);
      await repairIndex((await openedContents(memory)).repository, { clock });
      await expectEarlierIntact(memory);
    });
    expect(deaths).toBeGreaterThan(3);
  });

  test('while it changes tags', async () => {
    const work: Work = async ({ repository }) => {
      const snapshot = (await listSnapshots(repository)).find(({ id }) => id === earlier[0]?.id);
      if (snapshot) await retagSnapshot(repository, snapshot, ['archived'], { recordedAt: clock.now() });
    };
    expect(await dieEverywhere(start, work, expectEarlierIntact)).toBeGreaterThan(2);
  });

  test('while it deletes a snapshot', async () => {
    const gone = earlier[2]?.id ?? '';
    const work: Work = async ({ repository }) => {
      const isThere = (await listSnapshots(repository)).some(({ id }) => id === gone);
      if (isThere) await deleteSnapshot(repository, gone);
    };
    expect(
      await dieEverywhere(start, work, (memory) => expectEarlierIntact(memory, new Set([gone]))),
    ).toBeGreaterThan(0);
  });

  test('while it makes a vault', async () => {
    for (const how of DEATHS) {
      for (let change = 1; ; change += 1) {
        const memory = memoryStorage();
        const make = (storage: Storage) =>
          createRepository(storage, { password: PASSWORD, work: { N: 2, r: 8, p: 1 } });
        const died = await make(dying(memory, change, how)).then(
          () => false,
          () => true,
        );
        if (!memory.files.has('config')) await make(memory);
        await openRepository(memory, { password: PASSWORD });
        if (!died) break;
      }
    }
  });
});

async function runUntilDeath(storage: Storage, work: Work): Promise<boolean> {
  try {
    await work(await openedContents(storage));
    return false;
  } catch (error) {
    if (error instanceof Died) return true;
    throw error;
  }
}

async function openedContents(storage: Storage): Promise<Contents> {
  const repository: Repository = await openRepository(storage, { password: PASSWORD });
  return Contents.open(repository);
}

/** The lock of the dead would be stale, because its process is gone: here it is this process, which lives. */
function removeLocksOf(memory: MemoryStorage): void {
  for (const name of [...memory.files.keys()]) if (name.startsWith('locks/')) memory.files.delete(name);
}

async function exampleTree(seed: string): Promise<ReadableTree> {
  const tree = memoryTree({
    clock: { ...systemClock, now: () => new Date(1_700_000_000_000 + Number(seed)) },
  });
  for (const shard of ['0a', '1b', '2c']) {
    await tree.write(treePath(`${shard}/own`), [seededRandom(`${seed}/${shard}`).bytes(20_000)]);
    await tree.write(treePath(`${shard}/shared`), [seededRandom(shard).bytes(10_000)]);
  }
  await tree.write(treePath('Manifest.db'), [Buffer.from(`manifest ${seed}`)]);
  return tree;
}

function digestOf(contents: Contents, snapshot: Snapshot): Promise<string> {
  return digestOfTree(openSnapshot(contents, snapshot));
}

async function digestOfTree(tree: ReadableTree): Promise<string> {
  const hash = createHash('sha256');
  const visit = async (folder: TreePath): Promise<void> => {
    const entries = await Array.fromAsync(tree.list(folder));
    for (const { path, kind, modifiedAt } of entries.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      hash.update(`${path}:${kind}:${kind === 'file' ? modifiedAt.getTime() : 0}\n`);
      if (kind === 'folder') await visit(path);
      else for await (const piece of tree.read(path)) hash.update(piece);
    }
  };
  await visit(ROOT);
  return hash.digest('hex');
}
