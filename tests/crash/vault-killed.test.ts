import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '@rootcellar/core';
import { verifyDeviceBackup } from '@rootcellar/operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'dist', 'main.js');
const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);
const KILLS = Number(process.env['ROOTCELLAR_KILLS'] ?? 12);

/** Longer than any run takes. */
const NEVER_MS = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
});
afterAll(() => stage.close());

test.skipIf(isMissing('restic'))(
  `a process that is killed leaves the snapshot of before, or the new one, whole (seed ${SEED})`,
  async () => {
    const random = seededRandom(SEED);
    const beganAt = performance.now();
    expect(await killedAfter(NEVER_MS)).toBe(false);
    const runMs = performance.now() - beganAt;
    let killed = 0;
    for (let run = 0; run < KILLS; run += 1) {
      takePhoto(run, random.bytes(200_000));
      if (await killedAfter(random.below(runMs))) killed += 1;
      const where = `seed ${SEED}, kill ${run}`;
      expect(await latest(), where).toMatchObject({ verdict: 'whole', findings: [] });
    }
    expect(killed).toBeGreaterThan(KILLS / 4);
    expect(await killedAfter(NEVER_MS)).toBe(false);
    expect(await latest()).toMatchObject({ verdict: 'whole', findings: [] });
    expect(await restic('check', '--read-data')).toContain('no errors were found');
    const snapshots: readonly { readonly tags: readonly string[] }[] = JSON.parse(
      await restic('snapshots', '--json'),
    );
    expect(snapshots.filter(({ tags }) => tags.includes('incomplete'))).toEqual([]);
  },
);

function takePhoto(number: number, content: Uint8Array): void {
  stage.phone.files.writeFile(
    `/var/mobile/Media/DCIM/100APPLE/IMG_${5000 + number}.JPG`,
    Buffer.from(content),
    {
      protectionClass: 3,
    },
  );
}

const latest = () => verifyDeviceBackup('latest', { dataFolder: stage.dataFolder });

async function restic(...args: readonly string[]): Promise<string> {
  const { dataFolder, udid } = stage;
  const password = (await readFile(join(dataFolder, 'keys', udid), 'utf8')).trim();
  const env = { RESTIC_PASSWORD: password, RESTIC_REPOSITORY: join(dataFolder, 'vaults', udid) };
  // Locks of those that were killed are stale, and restic does not take them away by itself.
  await runProgram('restic', ['--no-cache', 'unlock', '--remove-all'], { env, timeoutMs: 60_000 });
  const { exitCode, stdout, output } = await runProgram('restic', ['--no-cache', ...args], {
    env,
    timeoutMs: 120_000,
  });
  if (exitCode !== 0) throw new Error(`restic ${args.join(' ')} failed:\n${output}`);
  return stdout;
}

/** @returns false if it was done before */
async function killedAfter(delayMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [MAIN, 'backup', '--json'], {
    env: { ...process.env, ...stage.env, ROOTCELLAR_DATA: stage.dataFolder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`The backup ended with ${code}.`);
  return signal === 'SIGKILL';
}
