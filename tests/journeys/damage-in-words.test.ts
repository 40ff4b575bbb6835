import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backUpDevice, vaultTarget } from '@rootcellar/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { damageLargestPack } from '../damage-largest-pack.ts';
import { runRootcellar } from '../run-rootcellar.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

/** As the code names findings: nothing that people should read. */
const CODE = /\b(pack|snapshot|index|manifest|blob)-[a-z]+(-[a-z]+)*\b/;

describe('a person whose vault was damaged', () => {
  let stage: Stage;
  let vault: string;
  const run = (...args: readonly string[]) => runRootcellar(stage, args);

  beforeAll(async () => {
    stage = await openStage();
    vault = join(stage.dataFolder, 'vaults', stage.udid);
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    await backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder) });
  });
  afterAll(() => stage.close());

  test('is told that the index is lost in a few lines, and makes it anew', async () => {
    await rename(join(vault, 'index'), join(stage.folder, 'index'));
    const { exitCode, output } = await run('vault', 'check');
    expect(exitCode).toBe(6);
    expect(output).toMatch(/The index is incomplete: \d+ packs? (is|are) in no index file/);
    expect(output).toContain('rootcellar vault repair');
    expect(output).not.toContain('delete');
    expect(output).not.toMatch(CODE);
    expect(output.trim().split('\n').length).toBeLessThan(8);
    expect((await run('vault', 'repair')).output).toContain('The index was made anew');
    expect(await run('vault', 'repair', '--salvage')).toMatchObject({
      exitCode: 0,
      output: 'Nothing needed repair, and nothing was written.\n',
    });
    expect((await run('vault', 'check', '--read-data')).exitCode).toBe(0);
  });

  test('is told what is damaged, until it is healed', async () => {
    await damageLargestPack(join(vault, 'data'));
    const found = await run('vault', 'check', '--read-data');
    expect(found.exitCode).toBe(6);
    expect(found.output).toMatch(/1 backup is damaged.*rootcellar backup/s);
    expect(found.output).not.toMatch(CODE);
    const marked = await run('vault', 'check');
    expect(marked).toMatchObject({ exitCode: 6 });
    expect(marked.output).toContain('1 backup was found damaged before');

    const exported = await run('export-folder', 'latest', '--to', join(stage.folder, 'out'));
    expect(exported.exitCode).toBe(6);
    expect(exported.output).toMatch(/Damaged +\d+ items? could not be written/);
    expect(exported.output).toMatch(/^ +\w+Domain\S*\/\S+$/m);
    expect(await readdir(join(stage.folder, 'out', stage.udid))).toContain('Manifest.db');

    const backup = await run('backup');
    expect(backup.exitCode).toBe(0);
    expect(backup.output).toContain('your iPhone sends again what is not whole');
    const read = await run('vault', 'check', '--read-data');
    expect(read).toMatchObject({ exitCode: 0 });
    expect(read.output).toContain('1 backup that was damaged is whole again');
    expect((await run('vault', 'check')).exitCode).toBe(0);
  });

  test('is not sent to the iPhone again for what it has no more', async () => {
    await rm(join(vault, 'data'), { recursive: true });
    expect((await run('backup')).exitCode).toBe(0);
    const { exitCode, output } = await run('vault', 'check');
    expect(exitCode).toBe(6);
    expect(output).toContain('Another one brings back no more');
    expect(output).not.toContain('rootcellar backup\n');
    // As it says:
    expect((await run('vault', 'repair', '--salvage')).exitCode).toBe(0);
    const said = (await run('vault', 'check')).output;
    const removals = [...said.matchAll(/rootcellar delete (\w{8}) --yes (\w{8})/g)];
    expect(removals).toHaveLength(2);
    for (const [, id = '', same = ''] of removals)
      expect((await run('delete', id, '--yes', same)).exitCode).toBe(0);
    expect((await run('vault', 'check')).exitCode).toBe(0);
  });

  test('is told that an export is incomplete', async () => {
    // What was given up before lies there still, and nobody needs it.
    expect((await run('vault', 'prune')).exitCode).toBe(0);
    await damageLargestPack(join(vault, 'data'));
    const repair = await run('vault', 'repair', '--salvage');
    const [, kept = ''] = /kept as ([0-9a-f]{8})/.exec(repair.output) ?? [];
    const { exitCode, output } = await run('export-folder', kept, '--to', join(stage.folder, 'left'));
    expect({ exitCode, output }).toMatchObject({
      exitCode: 3,
      output: expect.stringContaining('Incomplete'),
    });
  });
});
