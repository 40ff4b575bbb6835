import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { verifyBackup } from '@rootcellar/backup';
import { seededRandom } from '@rootcellar/core';
import { backUpDevice, openFinishedBackup } from '@rootcellar/operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'dist', 'main.js');
const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);
const KILLS = 12;

/** Longer than any run takes. */
const NEVER_MS = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
});
afterAll(() => stage.close());

test(`a process that is killed leaves the backup of before, or the new one, whole (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const beganAt = performance.now();
  expect(await killedAfter(NEVER_MS)).toBe(false);
  const runMs = performance.now() - beganAt;
  let killed = 0;
  for (let run = 0; run < KILLS; run += 1) {
    if (await killedAfter(random.below(runMs))) killed += 1;
    const where = `seed ${SEED}, kill ${run}`;
    const tree = await openFinishedBackup(stage.home, stage.udid);
    const { verdict, findings } = await verifyBackup(tree);
    expect({ verdict, findings }, where).toEqual({ verdict: 'whole', findings: [] });
    if (run % 4 === 3) liveADay(stage);
  }
  expect(killed).toBeGreaterThan(KILLS / 4);
  await backUpDevice(stage);
  expect((await verifyBackup(await openFinishedBackup(stage.home, stage.udid))).verdict).toBe('whole');
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
