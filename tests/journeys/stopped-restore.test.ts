import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { backUpDevice } from '@rootcellar/operations';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { armFault, openStage, pairStage, type Stage } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');

const UNTOUCHED = 'Nothing was changed on the iPhone. The backup is as it was.';
const BETWEEN =
  'The backup is as it was. The iPhone may be between two states until the restore is run again.';
const TAKEN = /The iPhone has taken everything and restarts by itself; .* the restore is complete\./;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await pairStage(stage);
  await backUpDevice(stage);
});
afterAll(() => stage.close());
afterEach(async () => {
  // One that took everything restarts, and its owner unlocks it.
  await expect.poll(() => stage.phone.presence.connections.length, { timeout: 10_000 }).toBe(1);
  await expect.poll(() => stage.phone.condition.locked, { timeout: 10_000 }).toBe(false);
});

/** Restores, and presses Ctrl-C as soon as an event comes for which `when` holds. */
async function stopWhen(when: (event: Record<string, unknown>) => boolean) {
  const { udid, backups, dataFolder, env } = stage;
  const child = spawn(PROGRAM, ['restore', backups, udid, '--yes', udid, '--jsonl', '--data', dataFolder], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const lines = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line): Record<string, unknown> => JSON.parse(line));
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (lines().some(when)) child.kill('SIGINT');
  });
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  return { exitCode, stopped: lines().at(-1)?.['stopped'] };
}

describe('who stops a restore reads what state the iPhone is in', () => {
  test('while the backup is read: as it was', async () => {
    expect(await stopWhen(({ phase }) => phase === 'planning')).toEqual({
      exitCode: 130,
      stopped: { dataState: 'unchanged', yourData: UNTOUCHED },
    });
  });

  test('before it has taken a file: as it was', async () => {
    const disarm = armFault(stage, 'silence-before-first-message:seconds=600');
    const ended = await stopWhen(({ phase }) => phase === 'sending');
    disarm();
    expect(ended).toEqual({ exitCode: 130, stopped: { dataState: 'unchanged', yourData: UNTOUCHED } });
  });

  test('while it takes files: between two', async () => {
    const disarm = armFault(stage, 'slow-link:bytesPerSecond=200000');
    const ended = await stopWhen(({ phase, bytes }) => phase === 'sending' && Number(bytes) > 50_000);
    disarm();
    expect(ended).toEqual({
      exitCode: 130,
      stopped: { dataState: 'device-half-changed', yourData: BETWEEN },
    });
  });

  test('while it restarts: it has everything', async () => {
    expect(await stopWhen(({ phase }) => phase === 'restarting')).toEqual({
      exitCode: 130,
      stopped: { dataState: 'device-half-changed', yourData: expect.stringMatching(TAKEN) },
    });
  });

  test.skipIf(isMissing('script'))('at the last question: as it was', { timeout: 30_000 }, async () => {
    const { udid, backups, dataFolder, env } = stage;
    // A terminal that is wide enough to keep the question on one line, and somebody at it.
    const command = `stty cols 300; ${PROGRAM} restore ${backups} ${udid} --data ${dataFolder}`;
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let screen = '';
    let isAsked = false;
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      screen += more;
      if (isAsked || !screen.includes('Go on?')) return;
      isAsked = true;
      child.stdin.write('\u0003');
    });
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect(exitCode).toBe(130);
    expect(screen).toMatch(/Stopped\.\s+Your data +Nothing was changed/);
  });
});
