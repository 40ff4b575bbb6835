import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryTree, Secret } from '@rootcellar/core';
import { Contents, folderStorage, openRepository, saveSnapshot } from '@rootcellar/vault';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reaction, runInTerminal } from '../in-terminal.ts';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import { openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const PASSWORD = 'Quitte im Glas';

interface Listed {
  readonly id: string;
  readonly recordID: string;
}

let stage: Stage;
let env: NodeJS.ProcessEnv;
const run = (...args: readonly string[]) => runProgram(PROGRAM, args, { env, timeoutMs: 60_000 });
const json = async (...args: readonly string[]) => JSON.parse((await run(...args, '--json')).stdout);
const listed = async (): Promise<readonly Listed[]> => (await json('backups')).backups;
const inTerminal = (args: readonly string[], ...reactions: readonly Reaction[]) =>
  runInTerminal(PROGRAM, args, { env, folder: stage.folder, reactions });

beforeAll(async () => {
  stage = await openStage({ profile: 'empty' });
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
  env = { ...stage.env, ROOTCELLAR_DATA: stage.dataFolder, ROOTCELLAR_KEY_STORE: 'file' };
  for (let made = 0; made < 3; made += 1) expect((await run('backup')).exitCode).toBe(0);
});
afterAll(() => stage.close());

test('a backup is named by any beginning of its id, and by what restic calls it now', async () => {
  const [newest] = await listed();
  await run('archive', newest?.id ?? '');
  const all = await listed();
  const [now, ...others] = all as readonly [Listed, ...Listed[]];
  expect(now.recordID).not.toBe(now.id);
  const taken = others.flatMap(({ id, recordID }) => [id, recordID]);
  // Checking it gives its record another name: that one comes first.
  for (const name of [now.recordID, now.id]) {
    const isAlone = (length: number) => taken.every((other) => !other.startsWith(name.slice(0, length)));
    const lengths = Array.from(name, (_, at) => at + 1);
    const shortest = name.slice(0, lengths.find(isAlone));
    expect(await json('verify', shortest), shortest).toMatchObject({ verdict: 'whole' });
  }
  expect(await json('verify', now.id.slice(0, 8).toUpperCase())).toMatchObject({ verdict: 'whole' });
});

test('an earlier backup is whole, and the code of the verdict says that there is a newer one', async () => {
  const [, older] = await listed();
  const { exitCode, stdout } = await run('verify', older?.id ?? '');
  expect(stdout).toMatch(/whole, but old[\s\S]*It is not the newest/);
  expect(exitCode).toBe(3);
});

describe('nothing is removed', () => {
  test('before somebody says that it is to be', async () => {
    const { exitCode, output } = await run('vault', 'forget', '--keep-last', '1');
    expect(output).toContain('These would be removed:');
    expect(exitCode).toBe(2);
    expect(await listed()).toHaveLength(3);
  });

  test('that is not there, or is another than the one that was spelled out', async () => {
    const [one, other] = await listed();
    const nothing = await run('delete', 'nonsense', '--yes', 'nonsense');
    expect(nothing.output).toContain('operation.snapshot-unknown');
    expect(nothing.exitCode).toBe(1);
    for (const yes of [[], ['--yes', other?.id ?? ''], ['--yes', (one?.id ?? '').slice(0, 7)]]) {
      expect((await run('delete', one?.id ?? '', ...yes)).exitCode).toBe(2);
    }
    expect(await listed()).toHaveLength(3);
  });
});

test('what was taken in from a folder is marked, and one backup that was taken in twice counts once', async () => {
  expect((await run('backup', '--folder', stage.backups)).exitCode).toBe(0);
  for (let taken = 0; taken < 2; taken += 1) expect((await run('import', stage.backups)).exitCode).toBe(0);
  expect(
    (await json('backups')).backups.map(({ imported }: { readonly imported: boolean }) => imported),
  ).toEqual([true, true, false, false, false, false]);
  expect((await run('backups')).stdout.match(/ imported$/gm)).toHaveLength(2);
  const { kept } = await json('vault', 'forget', '--keep-last', '2', '--dry-run');
  const reasons = kept.map((one: { readonly reasons: readonly string[] }) => one.reasons);
  expect(reasons).toEqual([['last'], ['archived', 'last']]);
});

test('who counts backups counts what lists show, and the rest apart', async () => {
  const location = join(stage.dataFolder, 'vaults', stage.udid);
  const key = await readFile(join(stage.dataFolder, 'keys', stage.udid), 'utf8');
  const password = new Secret(key.trim());
  const contents = await Contents.open(await openRepository(folderStorage(location), { password }));
  const tags = ['incomplete'];
  await saveSnapshot(contents, {
    tree: memoryTree(),
    paths: [`/${stage.udid}`],
    hostname: '',
    username: '',
    tags,
  });
  const { stdout } = await run('vault', 'check');
  expect(stdout).toContain('  5 backups and 1 of unfinished ones or of restic (6 snapshots), ');
  expect(await json('vault', 'list')).toMatchObject({ vaults: [{ backups: 5 }] });
});

test('the page to print says whose backups they are', async () => {
  const page = join(stage.folder, 'kit.html');
  await run('recovery-kit', '--to', page);
  const named = `For the backups of <strong>${stage.phone.identity.deviceName}</strong>, the iPhone or iPad`;
  expect(await readFile(page, 'utf8')).toContain(named);
});

describe.skipIf(isMissing('script'))('in a terminal', () => {
  test('who deletes a backup is asked', async () => {
    const before = await listed();
    const oldest = before.findLast(({ recordID }) => recordID !== null);
    const short = (oldest?.id ?? '').slice(0, 8);
    const no = await inTerminal(['delete', short], { to: /Go on\?/, type: 'n' });
    expect(no.output).toContain('Nothing was deleted.');
    expect(no.exitCode).toBe(2);
    const stopped = await inTerminal(['delete', short], { to: /Go on\?/, type: '\u0003' });
    expect(stopped.exitCode).toBe(130);
    expect(await listed()).toHaveLength(before.length);
    const yes = await inTerminal(['delete', short], {
      to: new RegExp(`${short}[\\s\\S]*Go on\\?`),
      type: 'y',
    });
    expect(yes.output).toContain('It is deleted.');
    expect(await listed()).toHaveLength(before.length - 1);
  });

  test('a question for a password stands alone, and ends when the program is told to', async () => {
    await setBackupPassword(stage, { new: PASSWORD });
    expect((await run('backup')).exitCode).toBe(0);
    const asks = /Type the password of this backup/;
    for (const reaction of [{ kill: 'SIGTERM' }, { kill: 'SIGINT' }, { type: '\u0003' }] as const) {
      const { exitCode, output } = await inTerminal(['files', 'latest'], { to: asks, ...reaction });
      expect(output).toMatch(/Stopped\.[\s\S]*Your data +Nothing was changed/);
      expect(exitCode).toBe(130);
      expect(output).not.toMatch(/…[^\r\n]*│/);
    }
    const given = await inTerminal(['files', 'latest'], { to: asks, type: `${PASSWORD}\r` });
    expect(given.exitCode).toBe(0);
  });
});
