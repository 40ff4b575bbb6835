import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';
import { openStage, type Stage, untilUnlocked } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const FIRST = 'Æpfel im Keller 🍎';

let stage: Stage;
let env: NodeJS.ProcessEnv;
const run = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  runProgram(PROGRAM, args, { env: { ...env, ...more }, timeoutMs: 60_000 });
const json = async (args: readonly string[], more?: NodeJS.ProcessEnv) =>
  JSON.parse((await run([...args, '--json'], more)).stdout);
const fileWith = async (name: string, content: string | Uint8Array) => {
  const file = join(stage.folder, name);
  await writeFile(file, content, { mode: 0o600 });
  return file;
};

beforeAll(async () => {
  stage = await openStage();
  env = { ...stage.env, ROOTCELLAR_DATA: stage.dataFolder };
  await run(['pair']);
});
afterAll(() => stage.close());

describe('on the command line', () => {
  test('encryption is off until somebody switches it on, with a password from the environment', async () => {
    expect(await json(['encryption', 'status'])).toEqual({
      udid: stage.udid,
      name: stage.phone.identity.deviceName,
      encrypted: false,
      required: false,
    });
    const on = await run(['encryption', 'on'], { ROOTCELLAR_NEW_BACKUP_PASSWORD: FIRST });
    expect(on).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('are encrypted from now on') });
    expect(on.output).toContain('Enter the passcode on your iPhone.');
    expect(stage.phone.encryption?.password).toBe(FIRST);
    const status = await run(['encryption', 'status']);
    expect(status.stdout).toMatch(/have a password[\s\S]*stay closed[\s\S]*Reset All Settings/);
    expect(await json(['encryption', 'status'])).toMatchObject({ encrypted: true });
  });

  test('a backup is restored with its password only', async () => {
    expect((await run(['backup', '--folder', stage.backups])).exitCode).toBe(0);
    const restore = ['restore', stage.backups, stage.udid, '--yes', stage.udid];
    const none = await run(restore);
    expect(none).toMatchObject({ exitCode: 1, output: expect.stringContaining('Give its password') });
    const wrong = await run(restore, { ROOTCELLAR_BACKUP_PASSWORD: 'wrong' });
    expect(wrong).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('mobilebackup2.wrong-password'),
    });
    expect(wrong.output).toContain('Nothing was changed on the iPhone.');
    const right = await run([...restore, '--password-file', await fileWith('first', `${FIRST}\n`)]);
    expect(right).toMatchObject({ exitCode: 0, output: expect.stringContaining('is restored') });
    await untilUnlocked(stage);
  });

  test('the password is changed with two files', async () => {
    const files = ['--password-file', await fileWith('first', FIRST)];
    const change = ['encryption', 'change', ...files];
    const one = await run(change);
    expect(one).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('ROOTCELLAR_NEW_BACKUP_PASSWORD'),
    });
    const both = [...change, '--new-password-file', await fileWith('second', 'second\r\nnot this\n')];
    expect(await json(both)).toMatchObject({ encrypted: true, changed: true });
    expect(stage.phone.encryption?.password).toBe('second');
    const again = await run(both);
    expect(again.exitCode).toBe(1);
    expect(again.output).toMatch(
      /mobilebackup2\.wrong-password[\s\S]*Nothing was changed[\s\S]*Reset All Settings/,
    );
  });

  test.each([
    ['that is not there', undefined],
    ['that is empty', ''],
    ['that is no text', Uint8Array.of(0xff, 0xfe, 0x00)],
    ['that is a film', new Uint8Array(100_000)],
  ])('a password file %s is not taken', async (_, content) => {
    const file = content === undefined ? join(stage.folder, 'none') : await fileWith('odd', content);
    const { exitCode, output } = await run(['encryption', 'change', '--password-file', file]);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/password file|No password/);
  });

  test('it cannot be switched off by accident, nor on another iPhone', async () => {
    const password = { ROOTCELLAR_BACKUP_PASSWORD: 'second' };
    for (const args of [[], [stage.udid], ['--yes', stage.udid]]) {
      const { exitCode, output } = await run(['encryption', 'off', ...args], password);
      expect(exitCode).toBe(2);
      expect(output).toContain('Spell out the iPhone');
    }
    const other = await run(
      ['encryption', 'off', stage.udid, '--yes', `${stage.udid.slice(0, -1)}X`],
      password,
    );
    expect(other).toMatchObject({ exitCode: 2, output: expect.stringContaining('another iPhone') });
    stage.phone.condition.requiresEncryption = true;
    const off = ['encryption', 'off', stage.udid, '--yes', stage.udid];
    const managed = await run(off, password);
    expect(managed).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('operation.encryption-required'),
    });
    expect(await json(['encryption', 'status'])).toMatchObject({ encrypted: true, required: true });
    stage.phone.condition.requiresEncryption = false;
    expect(await json(off, password)).toMatchObject({ encrypted: false, changed: true });
  });

  test('no password is ever an argument, and none is shown', async () => {
    expect((await run(['encryption', 'on', stage.udid, 'geheim'])).exitCode).toBe(2);
    const { output } = await run(['encryption', 'on', '--json'], {
      ROOTCELLAR_NEW_BACKUP_PASSWORD: 'geheim',
    });
    expect(output).not.toContain('geheim');
  });
});
