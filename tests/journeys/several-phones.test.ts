import { join } from 'node:path';
import { verifyBackup } from '@rootcellar/backup';
import { folderTree, joinPath, ROOT, subTree } from '@rootcellar/core';
import { backUpDevice, listDevices, pairDevice } from '@rootcellar/operations';
import type { SimulatedPhone } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import { openStage, type Stage } from '../stage.ts';

let stage: Stage;
let phones: readonly SimulatedPhone[];
beforeAll(async () => {
  stage = await openStage({
    ios: '26.1',
    others: [
      { seed: 'second', ios: '12.5.7' },
      { seed: 'third', model: 'iPad16,2', ios: '27.0', reach: 'both' },
    ],
  });
  phones = stage.simulator.phones;
  for (const { identity } of phones) await pairDevice({ usbmux: stage.usbmux, device: identity.udid });
});
afterAll(() => stage.close());

const backUp = ({ identity }: SimulatedPhone) => backUpDevice({ ...stage, device: identity.udid });

const verdictOf = async ({ identity }: SimulatedPhone) =>
  (await verifyBackup(subTree(stage.home, joinPath(ROOT, identity.udid)))).verdict;

describe('several phones behind one socket', () => {
  test('are listed once each, however they are reached', async () => {
    const devices = await listDevices(stage.usbmux);
    expect(devices.map(({ productType, productVersion }) => [productType, productVersion])).toEqual([
      ['iPhone15,2', '26.1'],
      ['iPhone11,8', '12.5.7'],
      ['iPad16,2', '27.0'],
    ]);
    expect(devices.map(({ attachments }) => attachments.length)).toEqual([1, 1, 2]);
  });

  test('back up at the same time, each to its own folder', async () => {
    const reports = await Promise.all(phones.map(backUp));
    expect(new Set(reports.map(({ device }) => device.udid)).size).toBe(phones.length);
    for (const phone of phones) expect(await verdictOf(phone)).toBe('whole');
  });

  test('do not notice when one of them is pulled in the middle', async () => {
    const [first, second] = phones;
    if (!first || !second) throw new Error('Too few phones');
    let pulled = false;
    const failed = backUpDevice({
      ...stage,
      device: first.identity.udid,
      full: true,
      onProgress: ({ phase }) => {
        if (phase !== 'receiving' || pulled) return;
        pulled = true;
        first.presence.setPlugged(false);
      },
    });
    const outcomes = await Promise.allSettled([failed, backUp(second)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    first.presence.setPlugged(true);
    await backUp(first);
    expect(await verdictOf(first)).toBe('whole');
  });

  test.skipIf(isMissing('idevicebackup2'))('serve another program and ours at once', async () => {
    const [first, second] = phones;
    if (!first || !second) throw new Error('Too few phones');
    const theirs = join(stage.folder, 'theirs');
    await runProgram('mkdir', [theirs]);
    const [run] = await Promise.all([
      runProgram('idevicebackup2', ['-u', first.identity.udid, 'backup', '--full', theirs], {
        env: stage.env,
        timeoutMs: 120_000,
      }),
      backUp(second),
    ]);
    expect(run).toMatchObject({ exitCode: 0 });
    const tree = folderTree(join(theirs, first.identity.udid));
    expect((await verifyBackup(tree)).verdict).toBe('whole');
    expect(await verdictOf(second)).toBe('whole');
  });
});
