import { expect, test } from 'vitest';
import { runKeyProgram } from './run-key-program.ts';

const sh = (script: string, options: { readonly input?: string; readonly timeoutMs?: number } = {}) =>
  runKeyProgram('sh', ['-c', script], { timeoutMs: 10_000, ...options });

test('a program is given its input, and says how it ended', async () => {
  expect(await sh('cat; exit 3', { input: 'quince' })).toEqual({
    exitCode: 3,
    stdout: 'quince',
    hasComplained: false,
  });
  expect(await sh('echo no >&2')).toEqual({ exitCode: 0, stdout: '', hasComplained: true });
});

test('one that reads nothing of a long input ends all the same', async () => {
  expect(await sh('exit 0', { input: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});

test('one that is not there is none', async () => {
  expect(await runKeyProgram('/nowhere/secret-tool', [], { timeoutMs: 10_000 })).toBeUndefined();
});

test('one that waits for somebody is not waited for, nor is what it has started', async () => {
  const before = Date.now();
  expect(await sh('sleep 8; true', { timeoutMs: 200 })).toBeUndefined();
  expect(Date.now() - before).toBeLessThan(6_000);
});

test('one that has ended is not waited for while what it has started holds on to its output', async () => {
  const before = Date.now();
  expect(await sh('sleep 8 & echo quince', { timeoutMs: 500 })).toMatchObject({
    exitCode: 0,
    stdout: 'quince\n',
  });
  expect(Date.now() - before).toBeLessThan(6_000);
});

test('one that never stops talking is stopped', async () => {
  expect(await sh('while :; do echo quince; done')).toBeUndefined();
});
