import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ profile: 'empty' });
});
afterAll(() => stage.close());

function doctor(args: readonly string[] = [], address = stage.env.USBMUXD_SOCKET_ADDRESS) {
  const env = { USBMUXD_SOCKET_ADDRESS: address, ROOTCELLAR_DATA: stage.dataFolder };
  return runProgram(PROGRAM, ['doctor', ...args], { env });
}

test('a person reads what is wrong and what helps, and the exit code says that no phone is ready', async () => {
  const { exitCode, stdout } = await doctor();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/✓ An iPhone or iPad is connected with a cable\./);
  expect(stdout).toMatch(/✗ It has never been paired with this computer\.\n +Run `rootcellar pair`/);
});

test('a script reads the same as one document', async () => {
  const { exitCode, stdout } = await doctor(['--json'], 'UNIX:/nowhere/mux.sock');
  expect(exitCode).toBe(1);
  const { checks, ok } = JSON.parse(stdout);
  expect(ok).toBe(false);
  expect(checks[0]).toMatchObject({
    code: 'usb-service',
    state: 'problem',
    sentence: expect.any(String),
    help: expect.stringContaining('USBMUXD_SOCKET_ADDRESS'),
  });
});

test('all is well once it is paired', async () => {
  await pairStage(stage);
  const { exitCode, stdout } = await doctor(['--json', stage.udid.slice(0, 12)]);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, checks: expect.any(Array) });
  expect(exitCode).toBe(0);
});
