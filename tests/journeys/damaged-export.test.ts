import { mkdirSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  folderTree,
  OperationFailure,
  OperationStopped,
  treeError,
  type WritableTree,
} from '@rootcellar/core';
import {
  backUpDevice,
  exportFolder,
  extractBackup,
  repairPhoneVault,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { damageLargestPack, packsIn } from '../damage-largest-pack.ts';
import { hashesBelow } from '../hashes-below.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

let stage: Stage;
let dataFolder: string;
let data: string;
const exportTo = (name: string, what = 'latest') =>
  exportFolder({ dataFolder, what, to: join(stage.folder, name) });

beforeEach(async () => {
  stage = await openStage();
  dataFolder = stage.dataFolder;
  data = join(dataFolder, 'vaults', stage.udid, 'data');
  await pairStage(stage);
  await backUpDevice({ ...stage, target: vaultTarget(dataFolder) });
});
afterEach(() => stage.close());

test('an export of a damaged backup has all that is whole, and names the rest', async () => {
  const { folder: before, files } = await exportTo('before');
  await damageLargestPack(data);
  const { folder, lost, ...report } = await exportTo('after');
  expect(lost.length).toBeGreaterThan(0);
  expect(report).toMatchObject({ files: files - lost.length, incomplete: false });
  expect(lost.some(({ domain, relativePath }) => domain !== undefined && relativePath !== '')).toBe(true);
  const expected = await hashesBelow(before);
  for (const { path } of lost) delete expected[path];
  expect(await hashesBelow(folder)).toEqual(expected);
  expect((await verifyDeviceBackup(folder)).verdict).toBe('damaged');
});

test('of two exports into one folder, the second is refused, and the first is whole', async () => {
  const both = await Promise.allSettled([exportTo('one'), exportTo('one')]);
  const [done] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [refused] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refused).toMatchObject({ report: { code: 'operation.device-busy', dataState: 'unchanged' } });
  expect((await verifyDeviceBackup(done?.folder ?? '')).verdict).toBe('whole');
});

test('an export that is stopped at its end, or fails there, leaves nothing behind', async () => {
  await damageLargestPack(data);
  const { files } = await exportTo('counted');
  const to = join(stage.folder, 'stopped');
  const atItsEnd = (does: () => void, signal?: AbortSignal) => {
    const onProgress = (sofar: { readonly files?: number }) => sofar.files === files && does();
    return exportFolder({ dataFolder, what: 'latest', to, signal, onProgress });
  };
  const stop = new AbortController();
  await expect(atItsEnd(() => stop.abort(new Error('stop')), stop.signal)).rejects.toThrow();
  expect(await readdir(to)).toEqual([]);
  const disk: WritableTree = Object.getPrototypeOf(folderTree(to));
  const failing = vi.spyOn(disk, 'move').mockRejectedValueOnce(treeError('input-output'));
  await expect(exportTo('stopped')).rejects.toMatchObject({ report: { code: 'tree.input-output' } });
  failing.mockRestore();
  expect(await readdir(to)).toEqual([]);
  const ofOthers = join(to, stage.udid, 'pears');
  const taken = atItsEnd(() => mkdirSync(ofOthers, { recursive: true }));
  await expect(taken).rejects.toMatchObject({ report: { code: 'operation.export-exists' } });
  expect(await readdir(to)).toEqual([stage.udid]);
  await rm(join(to, stage.udid), { recursive: true });
  expect(await exportTo('stopped')).toMatchObject({ files });
});

test('an export of what is left of a backup says that it is incomplete', async () => {
  expect(await exportTo('whole')).toMatchObject({ incomplete: false, lost: [] });
  await damageLargestPack(data);
  const { salvaged } = await repairPhoneVault({ dataFolder, salvage: true });
  expect(await exportTo('left', salvaged[0]?.snapshot)).toMatchObject({ incomplete: true, lost: [] });
});

test('whichever pack is damaged, a check says so, and an export gives what there is or says why not', async () => {
  for (const path of await packsIn(data)) {
    const whole = await readFile(path);
    const bytes = Buffer.from(whole);
    for (const part of [0.1, 0.5, 0.9]) {
      const at = Math.floor(whole.length * part);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    }
    await writeFile(path, bytes);
    const found = await verifyDeviceBackup('latest', { dataFolder }).catch(stateOf);
    expect(typeof found === 'string' ? found : found.verdict).toBe('damaged');
    const exported = await exportTo('one').catch(stateOf);
    if (typeof exported === 'string') expect(exported).toBe('damaged');
    await rm(join(stage.folder, 'one'), { recursive: true, force: true });
    await writeFile(path, whole);
  }
});

test('an extraction that is stopped says how many files it has written, and where', async () => {
  const stop = new AbortController();
  const to = join(stage.folder, 'extracted');
  const stopped = await extractBackup({
    dataFolder,
    what: 'latest',
    to,
    selection: {},
    signal: stop.signal,
    onProgress: ({ phase, files = 0 }) =>
      phase === 'extracting' && files > 0 && stop.abort(new Error('stop')),
  }).catch((error: unknown) => error);
  if (!(stopped instanceof OperationStopped)) throw stopped;
  const { yourData } = stopped.meaning;
  expect(yourData).toContain(to);
  const there = (await readdir(to, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  expect(yourData).toMatch(new RegExp(`^${there.length} files were written`));
});

function stateOf(error: unknown): string {
  if (!(error instanceof OperationFailure)) throw error;
  return error.report.dataState;
}
