import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keychainOfMac } from './keychain-of-mac.ts';
import { standInProgram } from './stand-in-program.ts';

/** The exact words for Apple's program; whether it understands them, nobody has seen on a Mac yet. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-keychain-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const STATE = { args: ['show-keychain-info'], input: '' };

/** @param whenAsked what it does when it is asked for its state */
async function security(script: string, whenAsked = 'exit 0') {
  const asked = `if [ "$1" = show-keychain-info ]; then ${whenAsked}; fi`;
  const standIn = await standInProgram(folder, 'security', `${asked}\n${script}`);
  vi.stubEnv('PATH', standIn.path);
  return standIn;
}

test('a secret goes in as a command on stdin, and is in no argument', async () => {
  const { calls } = await security('exit 0');
  await keychainOfMac().set('0f', { label: 'Rootcellar: key', text: '{"a":"b\\c"}' });
  expect(await calls()).toEqual([
    STATE,
    {
      args: ['-i'],
      input:
        'add-generic-password "-U" "-s" "Rootcellar" "-a" "0f" "-l" "Rootcellar: key" "-w" "{\\"a\\":\\"b\\\\c\\"}"\n',
    },
  ]);
});

test('a secret comes out on stdout, without the line feed that the program adds', async () => {
  const { calls } = await security("printf 'QUIN-CE\\n'");
  expect(await keychainOfMac().get('0f')).toBe('QUIN-CE');
  expect(await calls()).toEqual([
    STATE,
    { args: ['find-generic-password', '-s', 'Rootcellar', '-a', '0f', '-w'], input: '' },
  ]);
});

test('an item that is not there is none', async () => {
  const { calls } = await security('echo "security: could not be found" >&2; exit 44');
  expect(await keychainOfMac().get('0f')).toBeUndefined();
  await keychainOfMac().delete('0f');
  expect((await calls()).at(-1)?.args).toEqual(['delete-generic-password', '-s', 'Rootcellar', '-a', '0f']);
});

const USES = [
  () => keychainOfMac().get('0f'),
  () => keychainOfMac().set('0f', { label: 'l', text: 't' }),
  () => keychainOfMac().delete('0f'),
];

test.each([
  [36, 'locked'],
  [51, 'locked'],
  [128, 'locked'],
  [1, 'failed'],
])('the exit code %i says that the keychain is %s', async (code, name) => {
  await security(`exit ${code}`);
  const failure = { code: `operation.key-store-${name}` };
  for (const use of USES) await expect(use()).rejects.toMatchObject(failure);
});

test.each([
  [36, 'locked', 'locked'],
  [51, 'locked', 'locked'],
  [128, 'locked', 'locked'],
  [1, 'absent', 'out-of-reach'],
])('is asked for nothing once it has answered its state with %i', async (code, state, name) => {
  const { calls } = await security('exit 0', `exit ${code}`);
  expect(await keychainOfMac().state()).toBe(state);
  for (const use of USES) await expect(use()).rejects.toMatchObject({ code: `operation.key-store-${name}` });
  expect(await calls()).toEqual([STATE, STATE, STATE, STATE]);
});

test('a keychain that does not tell its state at once is locked: perhaps it asks somebody', async () => {
  await security('exit 0', 'sleep 8');
  expect(await keychainOfMac().state()).toBe('locked');
});

test('a keychain that tells its settings is open', async () => {
  const { calls } = await security('exit 0');
  expect(await keychainOfMac().state()).toBe('open');
  expect(await calls()).toEqual([STATE]);
});

test('a secret that is too long for one command is refused before anything is run', async () => {
  const { calls } = await security('exit 0');
  const setting = keychainOfMac().set('0f', { label: 'l', text: 'x'.repeat(4096) });
  await expect(setting).rejects.toMatchObject({ code: 'operation.key-store-failed' });
  expect(await calls()).toEqual([]);
});

test('where there is no such program, there is no keychain', async () => {
  vi.stubEnv('PATH', folder);
  expect(await keychainOfMac().state()).toBe('absent');
  await expect(keychainOfMac().get('0f')).rejects.toMatchObject({
    code: 'operation.key-store-out-of-reach',
  });
});
