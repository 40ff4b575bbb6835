import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { backUpDevice, deleteKeptSnapshot, listKeptSnapshots, vaultTarget } from '@rootcellar/operations';
import { liveDays } from '@rootcellar/simulator';
import {
  Contents,
  createRepository,
  faultyStorage,
  folderStorage,
  listSnapshots,
  memoryStorage,
  openRepository,
  openSnapshot,
  prune,
  type Repository,
  type Storage,
} from '@rootcellar/vault';
import { openStage, pairStage, type Stage } from '../tests/stage.ts';
import { fillIndex } from './requests/fill-index.ts';
import { readEverything } from './requests/read-everything.ts';

const PROFILE = process.env['BENCH_PROFILE'] ?? 'family';
const BLOBS = 1_000_000;

/**
 * What one phone asks of the place where its vault lies, by kind of request, and what an index of a million blobs
 * costs. The formulas for more are in `docs/decisions`.
 */
export async function run(): Promise<void> {
  await requestsOfOnePhone();
  await indexOfMillions();
}

async function requestsOfOnePhone(): Promise<void> {
  const stage = await openStage({ profile: PROFILE });
  try {
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    console.log(
      'work · data: get, put, delete, list (MB read, MB written) · index · snapshots, keys and locks',
    );
    const backUp = (watch: (storage: Storage) => Storage) =>
      backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder, { watch }) });
    await counted('first backup', backUp);
    for (const day of ['second', 'third']) {
      await liveDays(stage.phone, 1);
      await counted(`${day} backup, a day later`, backUp);
    }
    await counted('read all of one version', async (watch) => {
      const contents = await Contents.open(await repositoryOf(stage, watch));
      const newest = (await listSnapshots(contents.repository)).at(-1);
      if (newest) await readEverything(openSnapshot(contents, newest));
    });
    const [, second] = await listKeptSnapshots(stage.dataFolder);
    await deleteKeptSnapshot({ dataFolder: stage.dataFolder, what: second?.id ?? '' });
    await counted('prune after one version went', async (watch) => {
      await prune(await repositoryOf(stage, watch), { unusedFractionMax: 0 });
    });
  } finally {
    await stage.close();
  }
}

async function repositoryOf(
  { dataFolder, udid }: Stage,
  watch: (storage: Storage) => Storage,
): Promise<Repository> {
  const password = new Secret((await readFile(join(dataFolder, 'keys', udid), 'utf8')).trim());
  return openRepository(watch(folderStorage(join(dataFolder, 'vaults', udid))), { password });
}

type Counts = Record<'get' | 'put' | 'delete' | 'list' | 'stat' | 'readBytes' | 'writtenBytes', number>;

async function counted(
  name: string,
  work: (watch: (storage: Storage) => Storage) => Promise<unknown>,
): Promise<void> {
  const counts = new Map<string, Counts>();
  const of = (path: string): Counts => {
    const [folder = ''] = path.split('/');
    const part = folder === 'data' || folder === 'index' ? folder : 'others';
    const found = counts.get(part) ?? {
      get: 0,
      put: 0,
      delete: 0,
      list: 0,
      stat: 0,
      readBytes: 0,
      writtenBytes: 0,
    };
    counts.set(part, found);
    return found;
  };
  await work((storage) => {
    const watched = faultyStorage(storage, {
      after: ({ kind, name: path }) => {
        of(path)[kind] += 1;
      },
      lie: ({ name: path }, bytes) => {
        of(path).readBytes += bytes.length;
        return bytes;
      },
    });
    return Object.assign(Object.create(watched), {
      put: (...call: Parameters<Storage['put']>) => {
        of(call[0]).writtenBytes +=
          call[1] instanceof Uint8Array
            ? call[1].length
            : call[1].reduce((sum, { length }) => sum + length, 0);
        return watched.put(...call);
      },
    });
  });
  const parts = ['data', 'index', 'others'].map((part) => {
    const { get, put, delete: deleted, list, stat, readBytes, writtenBytes } = of(part);
    return `${get} get, ${put} put, ${deleted} delete, ${list} list, ${stat} stat (${mb(readBytes)}, ${mb(writtenBytes)})`;
  });
  console.log(`  ${name.padEnd(28)} · ${parts.join(' · ')}`);
}

async function indexOfMillions(): Promise<void> {
  const storage = memoryStorage();
  const work = { N: 2, r: 8, p: 1 };
  const repository = await createRepository(storage, { password: new Secret('bench'), work });
  const files = await fillIndex(repository, BLOBS);
  const startedAt = process.cpuUsage();
  const { index } = await Contents.open(repository);
  const { user, system } = process.cpuUsage(startedAt);
  console.log(
    `index of ${index.size} blobs: ${files.count} files, ${mb(files.bytes)} stored; loaded in ${((user + system) / 1e6).toFixed(1)} s of CPU`,
  );
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
