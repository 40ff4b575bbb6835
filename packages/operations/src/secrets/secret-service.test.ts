import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { secretService } from './secret-service.ts';
import { type StandIn, standInProgram } from './stand-in-program.ts';

const BUS = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
const LOGIN = 'object path "/org/freedesktop/secrets/collection/login"';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-secret-service-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

interface Desktop {
  readonly alias?: string;
  readonly locked?: string;
  readonly tool?: string;
}

/** What `dbus-send` and `secret-tool` say on it. */
async function desktop({ alias = LOGIN, locked = 'false', tool = 'exit 0' }: Desktop): Promise<StandIn> {
  const answer = `case "$*" in *ReadAlias*) echo '${alias}';; *) echo 'variant boolean ${locked}';; esac`;
  await standInProgram(folder, 'dbus-send', answer);
  const secretTool = await standInProgram(folder, 'secret-tool', tool);
  vi.stubEnv('PATH', secretTool.path);
  return secretTool;
}

test('a collection that is not locked is open, one that is locked is not', async () => {
  await desktop({});
  expect(await secretService(BUS).state()).toBe('open');
  await desktop({ locked: 'true' });
  expect(await secretService(BUS).state()).toBe('locked');
});

test.each([
  ['nobody has made a collection yet', { alias: 'object path "/"' }],
  ['what it keeps is lost on signing out', { alias: LOGIN.replace('login', 'session') }],
  ['the answer is none', { locked: 'perhaps' }],
])('there is none where %s', async (_, said) => {
  await desktop(said);
  expect(await secretService(BUS).state()).toBe('absent');
});

test('without a session bus nothing is run', async () => {
  const { calls } = await desktop({});
  expect(await secretService({}).state()).toBe('absent');
  expect(await secretService({ XDG_RUNTIME_DIR: folder }).state()).toBe('absent');
  expect(await calls()).toEqual([]);
  await writeFile(join(folder, 'bus'), '');
  expect(await secretService({ XDG_RUNTIME_DIR: folder }).state()).toBe('open');
});

test('without secret-tool there is none', async () => {
  vi.stubEnv('PATH', folder);
  expect(await secretService(BUS).state()).toBe('absent');
});

test('a secret goes in on stdin, and is in no argument', async () => {
  const { calls } = await desktop({});
  await secretService(BUS).set('0f', { label: 'Rootcellar: key', text: 'QUIN-CE' });
  expect((await calls()).at(-1)).toEqual({
    args: ['store', '--label=Rootcellar: key', 'application', 'rootcellar', 'item', '0f'],
    input: 'QUIN-CE',
  });
});

test('a secret comes out as it is', async () => {
  await desktop({ tool: "printf 'QUIN-CE'" });
  expect(await secretService(BUS).get('0f')).toBe('QUIN-CE');
});

test('what is not there ends silently; what goes wrong is an error', async () => {
  await desktop({ tool: 'exit 1' });
  expect(await secretService(BUS).get('0f')).toBeUndefined();
  await secretService(BUS).delete('0f');
  await desktop({ tool: 'echo "secret-tool: no" >&2; exit 1' });
  const failure = { code: 'operation.key-store-failed' };
  await expect(secretService(BUS).get('0f')).rejects.toMatchObject(failure);
  await expect(secretService(BUS).delete('0f')).rejects.toMatchObject(failure);
  await expect(secretService(BUS).set('0f', { label: 'l', text: 't' })).rejects.toMatchObject(failure);
});

test('while it is locked, nothing is asked of it: a question would be put on a screen', async () => {
  const { calls } = await desktop({ locked: 'true' });
  await expect(secretService(BUS).get('0f')).rejects.toMatchObject({ code: 'operation.key-store-locked' });
  expect((await calls()).map(({ args }) => args)).toEqual([[]]);
});
