import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backUpDevice, deleteKeptSnapshot, vaultTarget } from '@rootcellar/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteLargestPack } from '../damage-largest-pack.ts';
import { runRootcellar } from '../run-rootcellar.ts';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';

describe('a person of whose vault something is gone', () => {
  let stage: Stage;
  let vault: string;
  const run = (...args: readonly string[]) => runRootcellar(stage, args);
  const records = () => readdir(join(vault, 'snapshots'));

  /** @returns its record */
  async function backUp(): Promise<string> {
    const before = await records().catch((): string[] => []);
    await backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder) });
    const [record] = (await records()).filter((name) => !before.includes(name));
    liveADay(stage);
    return join(vault, 'snapshots', record ?? '');
  }

  beforeEach(async () => {
    stage = await openStage();
    vault = join(stage.dataFolder, 'vaults', stage.udid);
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
  });
  afterEach(() => stage.close());

  test('is not given the backup before the newest one for the newest, and gets that back', async () => {
    await backUp();
    await rm(await backUp());
    const list = await run('backups');
    expect(list).toMatchObject({ exitCode: 3 });
    expect(list.output).toMatch(/The backup of .+ is not in its vault any more/);
    expect(await run('vault', 'check')).toMatchObject({
      exitCode: 6,
      output: expect.stringContaining('is not in its vault any more'),
    });
    // What is left of it must not go.
    expect(await run('vault', 'prune')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('--salvage'),
    });
    for (const command of [
      ['verify', 'latest'],
      ['restore', stage.udid, '--plan'],
    ]) {
      const refused = await run(...command);
      expect(refused.exitCode).toBe(1);
      expect(refused.output).toContain(`rootcellar vault repair ${stage.udid} --salvage`);
    }
    expect((await run('doctor')).output).toContain('is not in its vault any more');

    const [, id = ''] =
      /in no list any more: ([0-9a-f]{8})/.exec((await run('vault', 'repair', '--salvage')).output) ?? [];
    expect(await run('backups')).toMatchObject({
      exitCode: 3,
      output: expect.stringMatching(new RegExp(`^${id} .*incomplete`)),
    });
    expect((await run('verify', 'latest')).output).toContain(`rootcellar verify ${id}`);
    expect((await run('vault', 'prune')).exitCode).toBe(0);
    expect(await run('verify', id)).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('This backup is whole.'),
    });
    expect(await run('verify', 'latest')).toMatchObject({ exitCode: 0 });
    expect((await run('backups')).output).not.toContain('incomplete');
    expect((await run('doctor')).output).toContain('The vaults are where they were');
  });

  test('is told of it also when there is a newer one, until it is found', async () => {
    await backUp();
    await rm(await backUp());
    await backUp();
    expect((await run('verify', 'latest')).exitCode).toBe(0);
    expect((await run('backups')).exitCode).toBe(3);
    expect((await run('vault', 'prune')).exitCode).toBe(1);
    expect((await run('vault', 'repair', '--salvage')).output).toContain('in no list any more');
    expect((await run('vault', 'prune')).exitCode).toBe(0);
    const { exitCode, output } = await run('backups');
    expect(exitCode).toBe(0);
    expect(output.trim().split('\n')).toHaveLength(3);
    expect((await run('vault', 'check', '--read-data')).exitCode).toBe(0);
  });

  test('is told of a record that nobody can read', async () => {
    await backUp();
    const record = await backUp();
    await writeFile(record, (await readFile(record)).fill(1, 20, 40));
    await backUp();
    const list = await run('backups');
    expect(list).toMatchObject({ exitCode: 3 });
    expect(list.output).toMatch(/1 record of a backup cannot be read\. .*repair \S+ --salvage/);
    expect((await run('doctor')).output).toContain('nobody can read what it is');
    expect((await run('vault', 'repair', '--salvage')).exitCode).toBe(0);
    expect((await run('backups')).exitCode).toBe(0);
  });

  test('is told when an older copy lies in place of the vault, until they accept that', async () => {
    await backUp();
    await cp(vault, join(stage.folder, 'copy'), { recursive: true });
    await backUp();
    await rm(vault, { recursive: true });
    await rename(join(stage.folder, 'copy'), vault);
    expect((await run('verify', 'latest')).output).toContain(
      'If an older copy of the vault lies in its place',
    );
    const [older = ''] = await records();
    expect(await run('verify', older)).toMatchObject({
      exitCode: 3,
      output: expect.stringContaining('whole, but old'),
    });
    await backUp();
    expect((await run('verify', 'latest')).exitCode).toBe(0);
    expect((await run('backups')).exitCode).toBe(3);
    expect((await run('vault', 'repair', '--salvage')).output).toContain('Nothing needed repair');
    expect((await run('backups')).output).toContain(`rootcellar vault accept ${stage.udid}`);
    expect((await run('vault', 'accept', stage.udid)).exitCode).toBe(2);
    expect((await run('vault', 'prune')).exitCode).toBe(1);
    expect(await run('vault', 'accept', stage.udid, '--yes', stage.udid)).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('1 backup is missed no more.'),
    });
    expect((await run('vault', 'prune')).exitCode).toBe(0);
    expect((await run('backups')).exitCode).toBe(0);
    expect((await run('vault', 'check')).exitCode).toBe(0);
  });

  test('is told nothing about a backup that they have deleted', async () => {
    await backUp();
    await backUp();
    await deleteKeptSnapshot({ dataFolder: stage.dataFolder, what: 'latest' });
    expect((await run('backups')).exitCode).toBe(0);
    expect((await run('verify', 'latest')).exitCode).toBe(0);
  });

  test('gets a backup back that another program had made, without hashes', async () => {
    await backUp();
    const made = await run('export-folder', 'latest', '--to', join(stage.folder, 'finder'));
    expect(made.exitCode).toBe(0);
    await rm(vault, { recursive: true });
    await rm(join(stage.dataFolder, 'phones'), { recursive: true });
    await rm(join(stage.dataFolder, 'keys'), { recursive: true });
    for (const name of await readdir(join(stage.folder, 'finder')))
      if (name !== stage.udid) await rm(join(stage.folder, 'finder', name), { recursive: true });
    expect((await run('import', join(stage.folder, 'finder'))).exitCode).toBe(0);
    const [record = ''] = await records();
    await rm(join(vault, 'snapshots', record));
    const [, id = ''] =
      /in no list any more: ([0-9a-f]{8})/.exec((await run('vault', 'repair', '--salvage')).output) ?? [];
    expect((await run('verify', 'latest')).output).toContain(`rootcellar verify ${id}`);
    expect((await run('verify', id)).output).toContain('This backup is whole.');
    expect((await run('verify', 'latest')).output).toContain('This backup is whole.');
    expect((await run('backups')).output).not.toContain('incomplete');
  });

  test('is told by the doctor what is wrong with the index, and that packs are gone', async () => {
    await backUp();
    const index = join(vault, 'index');
    const [file = ''] = await readdir(index);
    await rename(index, join(stage.folder, 'index'));
    expect(await run('doctor')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('vault repair'),
    });
    await rename(join(stage.folder, 'index'), index);
    const bytes = await readFile(join(index, file));
    await writeFile(join(index, file), Uint8Array.from(bytes).fill(1, 20, 40));
    expect(await run('doctor')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('vault repair'),
    });
    expect((await run('vault', 'repair')).exitCode).toBe(0);
    expect((await run('doctor')).output).toContain('The vaults are where they were');
    await deleteLargestPack(join(vault, 'data'));
    expect(await run('doctor')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining(`Files of the vault of ${stage.udid} are gone`),
    });
  });

  test('is told by the doctor that the key is gone, or that the newest backup is damaged', async () => {
    await backUp();
    const [pack = ''] = await readdir(join(vault, 'data'), { recursive: true }).then((names) =>
      names.filter((name) => /[0-9a-f]{64}$/.test(name)),
    );
    await rm(join(vault, 'data', pack));
    expect((await run('vault', 'check')).exitCode).toBe(6);
    expect(await run('doctor')).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/newest backup of \S+ was found damaged/),
    });
    await rm(join(stage.dataFolder, 'keys', stage.udid));
    expect(await run('doctor')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('recovery kit'),
    });
  });
});
