import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isProcessRunning } from './process-running.ts';

it('knows a process that runs from one that has ended', () => {
  expect(isProcessRunning(process.pid)).toBe(true);
  expect(isProcessRunning(spawnSync('true').pid)).toBe(false);
});

it.runIf(process.platform === 'linux')('takes one that nobody has waited for as ended', async () => {
  // Its parent is busy being `sleep`, which waits for nobody.
  const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 30'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [text] = await once(parent.stdout, 'data');
    const pid = Number(String(text));
    for (let tries = 0; isProcessRunning(pid) && tries < 100; tries += 1) await sleep(50);
    expect(isProcessRunning(pid)).toBe(false);
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    parent.kill('SIGKILL');
  }
});
