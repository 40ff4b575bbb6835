import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../stage.ts';
import { DESKTOP_PROGRAMS, type DesktopSession, desktopSession } from './desktop-session.ts';
import { isMissing } from './required-program.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const PASSWORD = 'of the person at the screen';
const KEY = /^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/;

/** Our command line on a desktop with GNOME's key store, which is not ours. */
describe.skipIf(isMissing(...DESKTOP_PROGRAMS))('with the key store of a desktop', () => {
  let stage: Stage;
  let desktop: DesktopSession;
  /** As the kit would show it. */
  let key: string;
  let keyFile: string;
  let note: string;

  beforeAll(async () => {
    stage = await openStage({ profile: 'empty' });
    stage.phone.condition.passcode = undefined;
    desktop = desktopSession(join(stage.folder, 'desktop'));
    keyFile = join(stage.dataFolder, 'keys', stage.udid);
    note = `${keyFile}.in-key-store`;
    // Else the data folder is a temporary one, whose secrets do not go there by themselves.
    await mkdir(join(stage.folder, 'tmp'));
  });
  afterAll(async () => {
    await desktop.signOut();
    await stage.close();
  });

  function run(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<ProgramRun> {
    const ours = {
      ROOTCELLAR_DATA: stage.dataFolder,
      ROOTCELLAR_KEY_STORE: '',
      TMPDIR: join(stage.folder, 'tmp'),
    };
    return runProgram(PROGRAM, args, {
      env: { ...desktop.env, ...stage.env, ...ours, ...more },
      timeoutMs: 60_000,
    });
  }
  async function json(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    return JSON.parse((await run([...args, '--json'], more)).stdout);
  }
  const fails = async (args: readonly string[], name: string) =>
    expect(await json(args)).toMatchObject({ error: { code: `operation.${name}`, dataState: 'unchanged' } });
  const secretsNow = async () => {
    const { checks } = await json(['doctor']);
    return checks.find(({ code }: { code: string }) => code === 'secrets').finding;
  };
  const backups = async () => (await json(['backups'])).backups.length;
  const keptKey = async () => {
    const { item } = JSON.parse(await readFile(note, 'utf8'));
    return desktop.secretTool('lookup', 'application', 'rootcellar', 'item', item);
  };

  test('which is open, the first backup puts the key there, and into no file', async () => {
    await desktop.signIn(PASSWORD);
    expect(await json(['pair'])).toMatchObject({ paired: true });
    expect(await secretsNow()).toBe('secrets-will-be-in-key-store');
    expect(await json(['backup'])).toMatchObject({ result: 'done' });
    key = await keptKey();
    expect(key).toMatch(KEY);
    expect(await readdir(join(stage.dataFolder, 'keys'))).toEqual([`${stage.udid}.in-key-store`]);
    expect(await filesWith(key, stage.dataFolder)).toEqual([]);
    expect((await json(['vault', 'list'])).vaults).toMatchObject([{ key: 'system', backups: 1 }]);
    expect(await secretsNow()).toBe('secrets-in-key-store');
  });

  test('after a restart the next backup goes on from the last', async () => {
    await desktop.signIn(PASSWORD);
    expect(await json(['backup'])).toMatchObject({ result: 'done' });
    expect(await backups()).toBe(2);
  });

  test('which is locked, says so at once, and makes no other key', async () => {
    await desktop.signIn();
    const before = Date.now();
    const { exitCode, output } = await run(['backup']);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/The backups are whole.*operation\.key-store-locked/);
    expect(output).toMatch(/Next +Unlock it/);
    expect(output).not.toContain(stage.dataFolder);
    expect(await secretsNow()).toBe('secrets-locked');
    await fails(['recovery-kit'], 'key-store-locked');
    const problem = { code: 'operation.key-store-locked' };
    expect((await json(['vault', 'list'])).vaults).toMatchObject([{ key: 'system', backups: null, problem }]);
    expect((await run(['backups'])).output).toContain('The backups are whole');
    expect(existsSync(keyFile)).toBe(false);
  });

  test('which is not there, as on a server, the key may come from the environment', async () => {
    await desktop.signOut();
    await fails(['backup'], 'key-store-out-of-reach');
    expect(await secretsNow()).toBe('secrets-out-of-reach');
    expect(await json(['backup'], { ROOTCELLAR_VAULT_PASSWORD: key })).toMatchObject({ result: 'done' });
    await fails(['vault', 'key', 'store', 'file'], 'key-store-out-of-reach');
  });

  test('which is open again, everything is whole', async () => {
    await desktop.signIn(PASSWORD);
    expect(await backups()).toBe(3);
    expect(await json(['vault', 'check', '--read-data'])).toMatchObject({ isWhole: true });
    expect(await json(['verify', 'latest'])).toMatchObject({ verdict: 'whole' });
  });

  test('a key moves into a file when its owner says so, and is not moved back silently', async () => {
    expect(await json(['vault', 'key', 'store', 'file'])).toMatchObject({ place: 'file', moved: 1 });
    expect(await readFile(keyFile, 'utf8')).toBe(`${key}\n`);
    expect(existsSync(note)).toBe(false);
    expect(await desktop.secretTool('search', '--all', 'application', 'rootcellar')).toBe('');
    expect(await json(['backup'])).toMatchObject({ result: 'done' });
    expect(await readdir(join(stage.dataFolder, 'keys'))).toEqual([stage.udid]);
    expect(await json(['vault', 'key', 'store', 'system'])).toMatchObject({ place: 'system', moved: 1 });
    expect(await keptKey()).toBe(key);
    expect(existsSync(keyFile)).toBe(false);
    expect(await json(['vault', 'key', 'store', 'system'])).toMatchObject({ moved: 0 });
  });

  test('a changed key is there too, and the one before may still open a copy', async () => {
    expect(await json(['vault', 'key', 'change', '--generate'])).toMatchObject({ place: 'system' });
    const changed = await keptKey();
    expect(changed).toMatch(KEY);
    expect(changed).not.toBe(key);
    expect(await filesWith(changed, stage.dataFolder)).toEqual([]);
    const kept = await desktop.secretTool('search', '--all', '--unlock', 'application', 'rootcellar');
    expect(kept).toContain(key);
    key = changed;
    expect(await backups()).toBe(4);
  });

  test('a key that is gone from there comes from the recovery kit', async () => {
    await desktop.secretTool('clear', 'application', 'rootcellar');
    await fails(['backup'], 'key-store-lost');
    expect(await readdir(join(stage.dataFolder, 'keys'))).toEqual([`${stage.udid}.in-key-store`]);
    const kit = join(stage.folder, 'kit');
    await writeFile(kit, key, { mode: 0o600 });
    const place = join(stage.dataFolder, 'vaults', stage.udid);
    const adopt = ['vault', 'create', stage.udid, '--storage', place, '--adopt', '--key-file', kit];
    expect(await json(adopt)).toMatchObject({ adopted: true, snapshots: 4 });
    await rm(kit);
    expect(await keptKey()).toBe(key);
    expect(await json(['backup'])).toMatchObject({ result: 'done' });
  });

  test('which is wanted but not there is an error, not a file', async () => {
    await desktop.signOut();
    const dataFolder = join(stage.folder, 'other');
    const wanted = { ROOTCELLAR_KEY_STORE: 'system', ROOTCELLAR_DATA: dataFolder };
    expect(await json(['backup'], wanted)).toMatchObject({ error: { code: 'operation.key-store-missing' } });
    expect(existsSync(join(dataFolder, 'keys'))).toBe(false);
    const automatic = { ROOTCELLAR_DATA: dataFolder };
    expect(await json(['backup'], automatic)).toMatchObject({ result: 'done' });
    expect(await readdir(join(dataFolder, 'keys'))).toEqual([stage.udid]);
  });
});

/** Files below a folder that hold a text, as it is. */
async function filesWith(text: string, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
