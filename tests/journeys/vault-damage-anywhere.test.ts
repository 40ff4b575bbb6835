import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

test('whichever pack of a vault is damaged, a check tells and the next backup is whole', {
  timeout: 300_000,
}, async () => {
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
    for (const path of await packsIn(join(dataFolder, 'vaults', udid, 'data'))) {
      if (!(await damage(path))) continue;
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
      expect(findings.filter(({ code }) => code !== 'snapshot-damaged')).toEqual([]);
    }
  } finally {
    await stage.close();
  }
});

/** At three places. @returns whether it is there still: what heals a vault replaces packs */
async function damage(path: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return false;
  for (const part of [0.05, 0.5, 0.9]) {
    const at = Math.floor(bytes.length * part);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  }
  await writeFile(path, bytes);
  return true;
}
