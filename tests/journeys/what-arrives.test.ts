import { openManifest } from '@rootcellar/backup';
import { joinPath, ROOT, subTree } from '@rootcellar/core';
import { backUpDevice } from '@rootcellar/operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ profile: 'family:32' });
  await pairStage(stage);
});
afterAll(() => stage.close());

/** The parts of the phone that were named while files arrived. */
async function partsNamed(full = false): Promise<ReadonlySet<string>> {
  const { usbmux, dataFolder, target } = stage;
  const named = new Set<string>();
  await backUpDevice({
    usbmux,
    dataFolder,
    target,
    full,
    onProgress: ({ phase, domain }) => {
      if (domain !== undefined) named.add(phase === 'receiving' ? domain : `${domain} while ${phase}`);
    },
  });
  return named;
}

test('of a first backup nobody knows what arrives; of a later one, what the one before had', async () => {
  expect(await partsNamed()).toEqual(new Set());
  const named = await partsNamed(true);
  const manifest = await openManifest(subTree(stage.home, joinPath(ROOT, stage.udid)));
  const domains = manifest.domains();
  await manifest.close();
  expect(named.size).toBeGreaterThan(0);
  expect([...named].filter((domain) => !domains.includes(domain))).toEqual([]);
});

test('of an encrypted one nothing is said, and nobody is asked for its password', async () => {
  await setBackupPassword(stage, { new: 'apple' });
  await partsNamed();
  expect(await partsNamed(true)).toEqual(new Set());
});
