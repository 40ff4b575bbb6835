import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asDict, parsePropertyList } from '@rootcellar/codecs';
import { backUpDevice, restoreDevice } from '@rootcellar/operations';
import { compareInventories, type Inventory, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eraseAndPair, liveADay, openStage, pairStage, type Stage } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

/** What differs between two backups of the same phone, because time passes and names are drawn. */
const DRAWN_ANEW = {
  'Status.plist': ['UUID', 'Date'],
  'Manifest.plist': ['Date'],
  'Info.plist': ['GUID', 'Last Backup Date'],
} as const;

const SAME = { missing: [], added: [], changed: [] };

/** Debian's client sleeps 100 ms in every TLS handshake, and makes some thirty. */
const CLIENT_MS_MAX = 120_000;

describe.skipIf(isMissing('idevicebackup2')).each(['12.5.7', '15.8', '17.6.1', '18.7', '26.1', '27.0'])(
  'two programs that share no code back up an iPhone with iOS %s',
  (ios) => {
    let stage: Stage;
    let theirs: string;
    let original: Inventory;

    const idevicebackup2 = async (...args: readonly string[]) => {
      const run = await runProgram('idevicebackup2', args, { env: stage.env, timeoutMs: CLIENT_MS_MAX });
      if (run.exitCode !== 0)
        throw new Error(`idevicebackup2 ${args[0]} ended with ${run.exitCode}:\n${run.output}`);
      return run;
    };
    const ours = () => backUpDevice({ ...stage, device: stage.udid });
    const both = () =>
      Promise.all([digestOf(join(stage.backups, stage.udid)), digestOf(join(theirs, stage.udid))]);

    beforeAll(async () => {
      stage = await openStage({ ios });
      theirs = join(stage.folder, 'theirs');
      await runProgram('mkdir', [theirs]);
      await pairStage(stage);
    });
    afterAll(() => stage.close());

    test('to equal trees the first time', async () => {
      await ours();
      await idevicebackup2('backup', '--full', theirs);
      const [our, their] = await both();
      expect(our).toEqual(their);
      expect(Object.keys(our).length).toBeGreaterThan(150);
    });

    test('to equal trees after a day on the phone', async () => {
      const [before] = await both();
      liveADay(stage);
      const { changedFiles } = await ours();
      await idevicebackup2('backup', theirs);
      const [our, their] = await both();
      expect(our).toEqual(their);
      expect(our).not.toEqual(before);
      expect(changedFiles).toBeLessThan(20);
      original = await takeInventory(stage.phone);
    });

    test('and each restores what the other wrote', async () => {
      await eraseAndPair(stage);
      expect(compareInventories(original, await takeInventory(stage.phone))).not.toEqual(SAME);
      await restoreDevice({ ...stage, what: theirs, consent: async () => true });
      expect(compareInventories(original, await takeInventory(stage.phone))).toEqual(SAME);

      await eraseAndPair(stage);
      await idevicebackup2('restore', '--system', '--settings', '--remove', stage.backups);
      await restarted(stage);
      expect(compareInventories(original, await takeInventory(stage.phone))).toEqual(SAME);
    });
  },
);

/** Every file of a backup: its hash, or for the control files what must be equal of it. */
async function digestOf(folder: string): Promise<Record<string, unknown>> {
  const digest: Record<string, unknown> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (entry.isDirectory()) digest[`${name}/`] = 'folder';
    else digest[name] = describeFile(name, await readFile(join(folder, name)));
  }
  return digest;
}

function describeFile(name: string, bytes: Uint8Array): unknown {
  if (!(name in DRAWN_ANEW)) return createHash('sha256').update(bytes).digest('hex');
  const dict = { ...asDict(parsePropertyList(bytes)) };
  for (const key of DRAWN_ANEW[name as keyof typeof DRAWN_ANEW]) {
    expect(dict[key]).toBeDefined();
    delete dict[key];
  }
  return dict;
}

/** The phone is gone for two seconds after a restore, and then as the backup says. */
async function restarted({ phone }: Stage): Promise<void> {
  await expect.poll(() => phone.condition.restorePending, { timeout: 20_000 }).toBe(false);
  await expect.poll(() => phone.presence.connections.length, { timeout: 20_000 }).toBe(1);
}
