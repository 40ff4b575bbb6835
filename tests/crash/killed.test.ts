import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { verifyBackup } from '@rootcellar/backup';
import { joinPath, ROOT, seededRandom } from '@rootcellar/core';
import { backUpDevice, openFinishedBackup } from '@rootcellar/operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'dist', 'main.js');
const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);
const KILLS = 12;

/** A whole run takes about this long; on a quick machine some are over before they are killed. */
const KILL_WITHIN_MS = 1_100;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
});
afterAll(() => stage.close());

test(`a process that is killed leaves the backup of before, or the new one, whole (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  let killed = 0;
  let sizes = 0;
  for (let run = 0; run < KILLS; run += 1) {
    if (await killedAfter(random.below(KILL_WITHIN_MS))) killed += 1;
    const where = `seed ${SEED}, kill ${run}`;
    const tree = await openFinishedBackup(stage.home, stage.udid);
    if ((await tree.stat(joinPath(ROOT, 'Status.plist'))) === undefined) continue;
    const { verdict, findings, files } = await verifyBackup(tree);
    expect({ verdict, findings }, where).toEqual({ verdict: 'whole', findings: [] });
    sizes += files;
    if (run % 4 === 3) liveADay(stage);
  }
  expect(killed).toBeGreaterThan(KILLS / 4);
  await backUpDevice(stage);
  expect((await verifyBackup(await openFinishedBackup(stage.home, stage.udid))).verdict).toBe('whole');
  expect(sizes).toBeGreaterThan(0);
});

/** @returns false if it was done before */
async function killedAfter(delayMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [MAIN, 'backup', '--json', '--folder', stage.backups], {
    env: { ...process.env, ...stage.env, ROOTCELLAR_DATA: stage.dataFolder },
    stdio: 'ignore',
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  const [, signal] = await once(child, 'exit');
  clearTimeout(timer);
  return signal === 'SIGKILL';
}
