import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret, seededRandom } from '@rootcellar/core';
import { compareInventories, type Inventory, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCommand } from '../crash/running-command.ts';
import { type RcloneServer, startRclone } from '../interop/rclone-server.ts';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import { eraseAndPair, liveADay, openStage, pairStage, type Stage } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const USER = { username: 'ann', password: new Secret('Hagebutte & Schlehe') };
const SIGN_IN = { RESTIC_REST_PASSWORD: USER.password.reveal() };
const OTHER_UDID = '00008120-000123456789001E';
const SAME = { missing: [], added: [], changed: [] };

/** From the command line, into a vault on a server that is not ours. */
describe.skipIf(isMissing('rclone', 'restic'))('a vault on a REST server', () => {
  let stage: Stage;
  let server: RcloneServer;
  let location: string;
  let first: string;
  let before: Inventory;

  const runIn = (dataFolder: string, signIn: NodeJS.ProcessEnv, ...args: readonly string[]) =>
    runProgram(PROGRAM, args, {
      env: { ...stage.env, ROOTCELLAR_DATA: dataFolder, ...signIn },
      timeoutMs: 120_000,
    });
  const run = (...args: readonly string[]) => runIn(stage.dataFolder, SIGN_IN, ...args);
  const json = async (...args: readonly string[]) => {
    const { stdout, output } = await run(...args, '--json');
    expect(stdout, output).toMatch(/^\{/);
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    server = await startRclone(USER);
    location = `rest:http://${USER.username}@${server.host}/phone/`;
    stage = await openStage();
    await pairStage(stage);
    before = await takeInventory(stage.phone);
  });
  afterAll(async () => {
    await stage.close();
    await server.close();
  });

  test('is made there, and the note of where it lies holds no secret', async () => {
    expect(await json('vault', 'create', '--storage', location)).toEqual({
      udid: stage.udid,
      location,
      adopted: false,
      snapshots: 0,
    });
    const note = await readFile(join(stage.dataFolder, 'vaults', `${stage.udid}.json`), 'utf8');
    expect(JSON.parse(note)).toEqual({
      version: 1,
      location,
      repository: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await readdir(server.folder)).sort()).toEqual(['phone']);
  });

  test('takes backups, which are listed, verified and searched like any other', async () => {
    first = (await json('backup')).snapshot;
    const [backup] = (await json('backups')).backups;
    expect(backup).toMatchObject({ id: first, udid: stage.udid });
    expect(await readdir(join(server.folder, 'phone', 'snapshots'))).toEqual([backup.recordID]);
    expect((await run('backups', '--long')).output).toContain(`${backup.recordID.slice(0, 8)} in restic`);
    expect(await json('verify', 'latest', '--deep')).toMatchObject({ verdict: 'whole', findings: [] });
    expect((await json('files', first)).files.length).toBeGreaterThan(10);
    expect(await readdir(join(stage.dataFolder, 'vaults'))).toEqual([`${stage.udid}.json`]);
  });

  test('gives the phone back', async () => {
    await eraseAndPair(stage);
    expect((await run('restore', 'latest', stage.udid, '--yes', stage.udid)).exitCode).toBe(0);
    expect(compareInventories(before, await takeInventory(stage.phone))).toEqual(SAME);
  });

  test('is listed with its size, its backups and the state of its key', async () => {
    const vault = { udid: stage.udid, kind: 'rest', location, backups: 1, key: 'file', problem: null };
    const { vaults } = await json('vault', 'list');
    expect(vaults).toMatchObject([vault]);
    expect(vaults[0].sizeBytes).toBeGreaterThan(100_000);
    expect((await run('vault', 'list')).output).toContain(`Lies at     ${location}`);
  });

  test('is the only one of its phone', async () => {
    const again = await json('vault', 'create', stage.udid, '--storage', join(stage.folder, 'other'));
    expect(again.error.code).toBe('operation.vault-exists');
    const there = await json('vault', 'create', OTHER_UDID, '--storage', location);
    expect(there.error.code).toBe('vault.there-already');
    const others = await json('vault', 'create', OTHER_UDID, '--storage', location, '--adopt');
    expect(others.error.code).toBe('operation.vault-key-missing');
  });

  test('never takes a password in its location, and does not repeat it', async () => {
    const args = ['vault', 'create', OTHER_UDID, '--storage', `rest:http://ann:Mispel@${server.host}/x/`];
    const { exitCode, output } = await run(...args);
    expect(exitCode).toBe(1);
    expect(output).toContain('operation.location-holds-password');
    expect(output).toContain('RESTIC_REST_PASSWORD');
    expect(output).not.toContain('Mispel');
  });

  test('says that a password is missing, and that a wrong one is not accepted', async () => {
    const without = await runIn(stage.dataFolder, {}, 'verify', 'latest');
    expect(without.output).toContain('operation.sign-in-missing');
    const wrong = await runIn(stage.dataFolder, { RESTIC_REST_PASSWORD: 'Mispel' }, 'backups');
    expect(wrong.exitCode).toBe(3);
    expect(wrong.output).toMatch(/cannot be opened now.*does not accept our name and password/);
    expect(without.output + wrong.output).not.toMatch(/Mispel|Hagebutte/);
  });

  test('has keys that are added, changed and removed, but for the last one', async () => {
    const kit = await keyOnKit();
    const newKey = { ...SIGN_IN, ROOTCELLAR_NEW_VAULT_PASSWORD: 'Speierling' };
    expect((await runIn(stage.dataFolder, newKey, 'vault', 'key', 'add')).exitCode).toBe(0);
    const { keys } = await json('vault', 'key', 'list');
    expect(keys).toHaveLength(2);
    const inUse = keys.find(({ isCurrent }: { readonly isCurrent: boolean }) => isCurrent).id;
    const other = keys.find(({ isCurrent }: { readonly isCurrent: boolean }) => !isCurrent).id;
    expect((await json('vault', 'key', 'remove', inUse, '--yes', inUse)).error.code).toBe('vault.key-in-use');
    expect((await run('vault', 'key', 'remove', other)).exitCode).toBe(2);
    const withOther = { ...SIGN_IN, ROOTCELLAR_VAULT_PASSWORD: 'Speierling' };
    const atHand = await runIn(stage.dataFolder, withOther, 'vault', 'key', 'remove', inUse, '--yes', inUse);
    expect(atHand.output).toContain('vault.key-in-use');
    expect(await json('vault', 'key', 'remove', other, '--yes', other)).toMatchObject({ id: other });
    expect(await json('vault', 'key', 'change', '--generate')).toMatchObject({ isAtHand: true });
    expect(await keyOnKit()).not.toBe(kit);
    expect(await json('vault', 'list')).toMatchObject({ vaults: [{ backups: 1, key: 'file' }] });
    const old = await runIn(
      stage.dataFolder,
      { ...SIGN_IN, ROOTCELLAR_VAULT_PASSWORD: kit },
      'vault',
      'list',
    );
    expect(old.exitCode).toBe(3);
    expect(old.output).toContain('does not open it');
  });

  test('comes back after the computer was lost, with the recovery kit alone', async () => {
    const keyFile = join(stage.folder, 'key-from-kit');
    await writeFile(keyFile, await keyOnKit());
    const dataFolder = join(stage.folder, 'new-computer');
    const onNew = async (...args: readonly string[]) =>
      JSON.parse((await runIn(dataFolder, SIGN_IN, ...args, '--json')).stdout);
    const adopt = ['vault', 'create', '--storage', await placeOnKit(), '--adopt', '--save-sign-in'];
    expect(await onNew(...adopt, '--key-file', keyFile)).toEqual({
      udid: stage.udid,
      location,
      adopted: true,
      snapshots: 1,
    });
    for (const name of [stage.udid, `${stage.udid}.storage.json`])
      expect((await stat(join(dataFolder, 'keys', name))).mode & 0o777).toBe(0o600);
    // From here on nothing is in the environment.
    const { stdout } = await runIn(dataFolder, {}, 'backups', '--json');
    expect(JSON.parse(stdout).backups).toMatchObject([{ id: first, udid: stage.udid }]);
    await eraseAndPair(stage);
    const restored = await runIn(dataFolder, {}, 'restore', 'latest', stage.udid, '--yes', stage.udid);
    expect(restored.exitCode, restored.output).toBe(0);
    expect(compareInventories(before, await takeInventory(stage.phone))).toEqual(SAME);
  });

  test('that vanishes while a backup is stored loses nothing, and the next run goes on', async () => {
    liveADay(stage);
    takePhotos(stage);
    const stored = await packs();
    const backup = startCommand(stage, ['backup'], SIGN_IN);
    while ((await packs()) <= stored) await sleep(10);
    await server.kill();
    expect(await backup.ended).toBe('storage.not-reached');
    expect(backup.last()).toMatchObject({
      error: {
        dataState: 'earlier-snapshots-intact',
        yourData: 'The new backup is whole, but could not be put in its place yet. Nothing is lost.',
      },
    });
    const listed = await run('backups');
    expect(listed.exitCode).toBe(3);
    expect(listed.output).toMatch(/The vault of .* cannot be opened now\. .*cannot be reached/);
    await server.start();
    expect((await restic('check', '--read-data')).output).toContain('no errors were found');
    expect(await json('verify', first)).toMatchObject({ verdict: expect.stringMatching(/^whole/) });
    await json('backup');
    const { backups } = await json('backups');
    expect(backups.map(({ kind }: { readonly kind: string }) => kind)).toEqual([
      'snapshot',
      'snapshot',
      'snapshot',
    ]);
    expect(await json('verify', 'latest')).toMatchObject({ verdict: 'whole', findings: [] });
  });

  /** Those that are on the disk of the server. */
  async function packs(): Promise<number> {
    const names = await readdir(join(server.folder, 'phone', 'data'), { recursive: true });
    return names.filter((name) => /[0-9a-f]{64}$/.test(name)).length;
  }

  async function kit(): Promise<string> {
    const file = join(stage.folder, `kit-${randomUUID()}.html`);
    expect((await run('recovery-kit', '--to', file)).exitCode).toBe(0);
    return readFile(file, 'utf8');
  }

  const keyOnKit = async () => /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){7}/.exec(await kit())?.[0] ?? 'none';
  const placeOnKit = async () => /rest:http:[^<\s]+/.exec(await kit())?.[0] ?? 'none';

  async function restic(...args: readonly string[]) {
    const login = `${USER.username}:${encodeURIComponent(USER.password.reveal())}@`;
    const env = {
      RESTIC_PASSWORD: (await readFile(join(stage.dataFolder, 'keys', stage.udid), 'utf8')).trim(),
      RESTIC_REPOSITORY: `rest:${server.url('phone').replace('//', `//${login}`)}`,
    };
    return runProgram('restic', ['--no-cache', '--no-lock', ...args], { env, timeoutMs: 120_000 });
  }
});

/** More than fits into a few packs, so that storing takes its time. */
function takePhotos({ phone }: Stage): void {
  const random = seededRandom('vanishing server');
  for (let photo = 0; photo < 60; photo += 1) {
    const path = `/var/mobile/Media/DCIM/100APPLE/IMG_${7000 + photo}.JPG`;
    phone.files.writeFile(path, random.bytes(1_000_000), { protectionClass: 3 });
  }
}
