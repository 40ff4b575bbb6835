import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRootcellar } from '../run-rootcellar.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

let stage: Stage;
/** Where the vault of a phone lies unless somebody says otherwise. */
let usual: string;
let first: string;
const run = (...args: readonly string[]) => runRootcellar(stage, args);
const ids = async () => {
  const { stdout } = await run('backups', '--json');
  return JSON.parse(stdout).backups.map(({ id }: { readonly id: string }) => id);
};

/** What the program advises, as it stands there; what is in capitals is filled in. */
function advised(
  output: string,
  option: '--adopt' | '--anew',
  filled: Readonly<Record<string, string>> = {},
) {
  const [, line = ''] = new RegExp(`rootcellar (vault create [^.]*? ?${option})`).exec(output) ?? [];
  const words = line.match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => filled[word] ?? word.replaceAll("'", ''));
}

beforeAll(async () => {
  stage = await openStage({ profile: 'empty' });
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
  usual = join(stage.dataFolder, 'vaults', stage.udid);
  expect((await run('backup')).exitCode).toBe(0);
  [first] = await ids();
});
afterAll(() => stage.close());

test('a vault that was moved away is missed by everybody, and no other is begun', async () => {
  const moved = join(stage.folder, 'moved');
  await rename(usual, moved);
  for (const [args, code] of [
    [['backups'], 3],
    [['backup'], 1],
    [['verify', 'latest'], 1],
    [['verify', first.slice(0, 8)], 1],
    [['restore', 'latest', '--plan'], 1],
    [['vault', 'list'], 3],
    [['doctor'], 1],
  ] as const) {
    const { output, exitCode } = await run(...args);
    expect(output, args.join(' ')).toContain(
      `The vault of this iPhone is not at ${usual}, where it was last time.`,
    );
    expect(output).not.toMatch(/none yet|no keys of vaults|All is well/);
    expect(exitCode, args.join(' ')).toBe(code);
  }
  expect(existsSync(usual)).toBe(false);
  await mkdir(usual); // Somebody may have moved only what was in it.
  const { output } = await run('backup');
  expect(await readdir(usual)).toEqual([]);
  const adopted = await run(...advised(output, '--adopt', { NEWPLACE: moved }));
  expect(adopted.output).toContain(`lies at ${moved}: 1 backup`);
  expect(await ids()).toEqual([first]);
});

test('one that was brought back is used where it lies again', async () => {
  await rm(usual, { recursive: true });
  await rename(join(stage.folder, 'moved'), usual);
  expect((await run('vault', 'create', stage.udid, '--storage', usual, '--adopt')).exitCode).toBe(0);
  expect(await ids()).toEqual([first]);
  expect(await readdir(join(stage.dataFolder, 'vaults'))).toEqual([stage.udid]);
  expect((await run('doctor')).output).toContain('✓ The vaults are where they were last time');
});

test('one whose configuration is gone is called damaged, and nothing is begun in its folder', async () => {
  const config = join(usual, 'config');
  await rename(config, join(stage.folder, 'config'));
  const said = `The vault at ${usual} is damaged: its file "config" is gone.`;
  for (const args of [
    ['backups'],
    ['backup'],
    ['doctor'],
    ['verify', 'latest'],
    ['vault', 'create', stage.udid, '--storage', usual, '--adopt'],
    ['vault', 'create', stage.udid, '--storage', usual, '--anew'],
    ['vault', 'create', stage.udid, '--storage', usual],
  ]) {
    const { output, exitCode } = await run(...args);
    expect(output, args.join(' ')).toContain(said);
    expect(exitCode).not.toBe(0);
  }
  expect(existsSync(config)).toBe(false);
  await rename(join(stage.folder, 'config'), config);
  expect(await ids()).toEqual([first]);
});

test('one without keys is missed by the doctor as well', async () => {
  await rename(join(usual, 'keys'), join(stage.folder, 'keys'));
  const { output, exitCode } = await run('doctor');
  expect(output).toContain('✗ The vault has no keys any more');
  expect(exitCode).toBe(1);
  await rename(join(stage.folder, 'keys'), join(usual, 'keys'));
});

test('one that is there is not begun anew; one that is gone for good is', async () => {
  const refused = await run('vault', 'create', stage.udid, '--storage', join(stage.folder, 'x'), '--anew');
  expect(refused.output).toContain('operation.vault-exists');
  await rm(usual, { recursive: true });
  const { output } = await run('backup');
  expect((await run('vault', 'create', stage.udid, '--storage', usual)).output).toContain(
    'operation.vault-away',
  );
  expect((await run(...advised(output, '--anew'))).exitCode).toBe(0);
  expect((await run('backup')).exitCode).toBe(0);
  expect(await ids()).toHaveLength(1);
  expect(await ids()).not.toEqual([first]);
});

test('a place without a vault is named', async () => {
  const nowhere = join(stage.folder, 'nowhere');
  const { output } = await run('vault', 'create', stage.udid, '--storage', nowhere, '--adopt');
  expect(output).toContain(`There is no vault at ${nowhere}.`);
});

test('a key whose vault was never made is as good as none', async () => {
  const other = '00008120-000123456789001E';
  const keys = join(stage.dataFolder, 'keys');
  await writeFile(join(keys, other), 'quince\n');
  expect((await run('backups')).output).toContain(`The vault of ${other} cannot be opened now.`);
  await writeFile(join(keys, `${other}.beginning`), '');
  expect((await run('backups')).output).not.toContain(other);
  const made = await run('vault', 'create', other, '--storage', join(stage.folder, 'of-other'));
  expect(made.exitCode).toBe(0);
  expect((await readdir(keys)).sort()).toEqual([other, stage.udid].sort());
});
