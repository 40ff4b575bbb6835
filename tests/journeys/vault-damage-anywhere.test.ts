import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Secret } from '@rootcellar/core';
import {
  backUpDevice,
  checkPhoneVault,
  listKeptSnapshots,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { packsIn } from '../damage-largest-pack.ts';
import { liveADay, openStage, pairStage, setBackupPassword } from '../stage.ts';

type Damage = (path: string, n: number) => Promise<void>;

const cutShort: Damage = async (path) => {
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length >> 1));
};

const remove: Damage = (path) => rm(path);

const DAMAGES: Readonly<Record<string, Damage>> = {
  /** At three places. */
  'has wrong bytes': async (path) => {
    const bytes = await readFile(path);
    for (const part of [0.05, 0.5, 0.9]) {
      const at = Math.floor(bytes.length * part);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    }
    await writeFile(path, bytes);
  },
  /** One after the other: which pack has what is decided anew in each run. */
  'is cut short or gone': (path, n) => (n % 2 === 0 ? cutShort(path, n) : remove(path, n)),
};

test.each(Object.entries(DAMAGES))(
  'whichever pack of a vault %s, a check tells and the next backup is whole',
  {
    timeout: 300_000,
  },
  async (_, damage) => {
    const stage = await openStage();
    try {
      const { dataFolder, udid } = stage;
      await pairStage(stage);
      stage.phone.condition.passcode = undefined;
      await setBackupPassword(stage, { new: 'Boskoop 7' });
      const password = async () => new Secret('Boskoop 7');
      const backUp = () =>
        backUpDevice({ ...stage, password, target: vaultTarget(dataFolder, { keep: 'small' }) });
      const check = () => checkPhoneVault({ dataFolder, readData: true });
      await backUp();
      liveADay(stage);
      await backUp();
      /** Packs that no index names any more: they stay, and nobody needs them. */
      const givenUp = new Set<string>();
      const packs = await packsIn(join(dataFolder, 'vaults', udid, 'data'));
      for (const [n, path] of packs.entries()) {
        if (givenUp.has(basename(path))) continue;
        await damage(path, n);
        const { isWhole, damagedSnapshots } = await check();
        expect(isWhole).toBe(false);
        const kept = await listKeptSnapshots(dataFolder);
        const marked = kept.filter(({ damagedAt }) => damagedAt).map(({ id }) => id);
        expect(marked.sort()).toEqual([...damagedSnapshots].sort());
        const { snapshot } = await backUp();
        expect(await verifyDeviceBackup('latest', { dataFolder, password })).toMatchObject({
          verdict: 'whole',
        });
        const { findings, damagedSnapshots: left } = await check();
        expect(left).not.toContain(snapshot);
        // An older backup may lack what the iPhone has no longer, such as its list of files; no pack is damaged.
        const others = findings.filter(({ code }) => code !== 'snapshot-damaged');
        expect(others.filter(({ code }) => code !== 'pack-unindexed')).toEqual([]);
        for (const { id } of others) givenUp.add(id);
      }
    } finally {
      await stage.close();
    }
  },
);

test('packs that are gone or cut short are noticed without a check: the next backup is whole', async () => {
  const stage = await openStage();
  try {
    const { dataFolder, udid } = stage;
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    const backUp = () => backUpDevice({ ...stage, target: vaultTarget(dataFolder) });
    await backUp();
    const data = join(dataFolder, 'vaults', udid, 'data');
    for (const damage of [remove, cutShort]) {
      for (const [n, path] of (await packsIn(data)).slice(0, 3).entries()) {
        await damage(path, n).catch(() => {});
        await backUp();
        expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
      }
    }
  } finally {
    await stage.close();
  }
}, 300_000);
