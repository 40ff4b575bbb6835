import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { compareInventories, type Inventory, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RcloneServer, startRclone } from '../interop/rclone-server.ts';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import { eraseAndPair, liveADay, openStage, pairStage, type Stage } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const USER = { username: 'ann', password: new Secret('Hagebutte & Schlehe') };
const SIGN_IN = { RESTIC_REST_PASSWORD: USER.password.reveal() };
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
    expect((await json('backups')).backups).toMatchObject([{ id: first, udid: stage.udid }]);
    expect(await json('verify', 'latest', '--deep')).toMatchObject({ verdict: 'whole', findings: [] });
    expect((await json('files', first)).files.length).toBeGreaterThan(10);
    expect(await readdir(join(stage.dataFolder, 'vaults'))).toEqual([`${stage.udid}.json`]);
  });

  test('gives the phone back', async () => {
    await eraseAndPair(stage);
    expect((await run('restore', 'latest', stage.udid, '--yes', stage.udid)).exitCode).toBe(0);
    expect(compareInventories(before, await takeInventory(stage.phone))).toEqual(SAME);
  });
});
