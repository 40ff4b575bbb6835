import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';
import { openStage, type Stage } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const NOBODY = { USBMUXD_SOCKET_ADDRESS: 'UNIX:/nowhere/mux.sock' };

let stage: Stage;
let env: NodeJS.ProcessEnv;
const run = (...args: readonly string[]) => runProgram(PROGRAM, args, { env, timeoutMs: 60_000 });
const json = async (...args: readonly string[]) => JSON.parse((await run(...args, '--json')).stdout);

beforeAll(async () => {
  stage = await openStage();
  env = { ...stage.env, ROOTCELLAR_DATA: stage.dataFolder };
});
afterAll(() => stage.close());

describe('a person with one iPhone', () => {
  test('is told what is missing before it is paired', async () => {
    const { exitCode, output } = await run('backup', '--folder', stage.backups);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/does not trust this computer.* lockdown\.not-trusted/);
    expect(output).toMatch(/Your data +Nothing was changed/);
    expect(output).toMatch(/Next +Run `rootcellar pair`/);
  });

  test('pairs it once', async () => {
    expect(await json('pair')).toMatchObject({ paired: true, wasPaired: false, udid: stage.udid });
    expect(await json('pair')).toMatchObject({ paired: true, wasPaired: true });
    const name = stage.phone.identity.deviceName;
    expect(name).toContain('’');
    expect(await json('pair', name.replace('’', "'"))).toMatchObject({ wasPaired: true, name });
    expect(await json('devices')).toEqual({
      devices: [
        {
          udid: stage.udid,
          name: stage.phone.identity.deviceName,
          productType: 'iPhone15,2',
          productVersion: '26.1',
          connections: ['usb'],
          paired: true,
        },
      ],
    });
  });

  test('backs it up, and only changes travel the second time', async () => {
    const first = await json('backup', '--folder', stage.backups);
    expect(first).toMatchObject({ result: 'done', snapshot: null, folder: join(stage.backups, stage.udid) });
    expect(first.changedFiles).toBeGreaterThan(first.files);
    const second = await json('backup', stage.udid.slice(0, 12), '--folder', stage.backups);
    expect(second.files).toBe(first.files);
    expect(second.changedFiles).toBeLessThan(10);
    expect((await readdir(stage.backups)).sort()).toEqual([stage.udid, `${stage.udid}.sha256`]);
  });

  test('lists folders that it has backed up into', async () => {
    const { backups } = await json('backups');
    const folder = join(stage.backups, stage.udid);
    expect(backups).toMatchObject([{ kind: 'folder', id: folder, udid: stage.udid, incomplete: false }]);
    expect(backups[0].sizeBytes).toBeGreaterThan(100_000);
    expect((await run('backups')).output).toContain(folder);
  });

  test('follows a backup as a stream of events', async () => {
    const { stdout } = await run('backup', '--folder', stage.backups, '--jsonl');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining([
        'preparing',
        'waiting-for-passcode',
        'receiving',
        'verifying',
        'storing',
        'done',
      ]),
    );
    expect(events.at(-1)).toMatchObject({ event: 'finished', result: 'done' });
  });

  test('sees what a restore would do, and nothing happens', async () => {
    const { plan } = await json('restore', stage.backups, '--plan');
    expect(plan).toMatchObject({ allowed: true, rules: expect.any(Array), staysBehind: expect.any(Array) });
    expect(plan.comesBack).toContain('Messages');
    expect(plan.backup).toMatchObject({ udid: stage.udid, deviceName: stage.phone.identity.deviceName });
    expect(plan.apps.length).toBe(3);
  });

  test('is told when a folder is a backup itself, or holds none', async () => {
    const inside = await run('backup', '--folder', join(stage.backups, stage.udid));
    expect(inside.exitCode).toBe(1);
    expect(inside.output).toContain('operation.folder-is-a-backup');
    expect((await run('backup', '--folder', '')).exitCode).toBe(2);
    expect((await readdir(stage.backups)).sort()).toEqual([stage.udid, `${stage.udid}.sha256`]);
  });

  test('verifies it, and reads which files are damaged', async () => {
    expect(await json('verify', stage.backups)).toMatchObject({ verdict: 'whole', findings: [] });
    const folder = join(stage.folder, 'damaged');
    await cp(join(stage.backups, stage.udid), join(folder, stage.udid), { recursive: true });
    const sms = join(folder, stage.udid, '3d', '3d0d7e5fb2ce288813306e4d4636395e047a3d28');
    const bytes = await readFile(sms);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    await writeFile(sms, bytes);
    const { exitCode, stdout } = await run('verify', folder);
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/This backup is damaged\.[\s\S]*HomeDomain\/Library\/SMS\/sms\.db/);
    const plan = await run('restore', folder, '--plan');
    expect(plan.stdout).toMatch(/cannot be restored to this iPhone now[\s\S]*Stop: +The backup is damaged/);
  });

  test('cannot restore by accident', async () => {
    const none = await run('restore', stage.backups);
    expect(none).toMatchObject({ exitCode: 2, output: expect.stringContaining('--yes UDID') });
    const other = await run('restore', stage.backups, stage.udid, '--yes', '00008120-FFFFFFFFFFFFFFFF');
    expect(other).toMatchObject({ exitCode: 2, output: expect.stringContaining('another iPhone') });
    const unnamed = await run('restore', stage.backups, '--yes', stage.udid);
    expect(unnamed).toMatchObject({ exitCode: 2 });
  });

  test('is stopped by Find My before anything is sent', async () => {
    stage.phone.condition.findMy = true;
    const { exitCode, stdout } = await run(
      'restore',
      stage.backups,
      stage.udid,
      '--yes',
      stage.udid,
      '--json',
    );
    stage.phone.condition.findMy = false;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'operation.restore-blocked',
      dataState: 'unchanged',
    });
    expect(JSON.parse(stdout).error.happened).toContain('find-my-on');
  });

  test('restores when the iPhone is spelled out', async () => {
    const { exitCode, stdout } = await run(
      'restore',
      stage.backups,
      stage.udid,
      '--yes',
      stage.udid,
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ restored: true, udid: stage.udid });
  });

  test('who stops a backup reads what that means', async () => {
    const { spawn } = await import('node:child_process');
    // Its owner unlocks it half a second after the restart of the restore before.
    await expect.poll(() => stage.phone.condition.locked, { timeout: 10_000 }).toBe(false);
    stage.phone.condition.passcode = 'nobody knows';
    const child = spawn(PROGRAM, ['backup', '--folder', stage.backups], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Waiting for the passcode')) child.kill('SIGINT');
    });
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    stage.phone.condition.passcode = '123456';
    expect(exitCode, output).toBe(130);
    expect(output).toMatch(/Stopped\.\n +Your data +Your backup of .* is intact\./);
  });
});

describe('a command that cannot work', () => {
  test.each([
    [['backup', '--folder', ''], 2, /--folder/],
    [['nonsense'], 2, /unknown command/],
    [['devices', '--nonsense'], 2, /unknown option/],
    [['restore', '/nowhere', '--plan'], 1, /operation\.folder-unknown/],
    [['backup', 'nobody', '--folder', '/nowhere'], 1, /device\.not-found|not allow/],
  ] as const)('%j ends with %i', async (args, exitCode, words) => {
    const ended = await run(...args);
    expect(ended.output).toMatch(words);
    expect(ended.exitCode).toBe(exitCode);
  });

  test('says that no daemon runs, in words and as a document', async () => {
    const { exitCode, stdout } = await runProgram(PROGRAM, ['devices', '--json'], { env: NOBODY });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'usbmux.not-running', dataState: 'unchanged' });
  });

  test('works from any folder, also one that is not there any more', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'rootcellar-elsewhere-'));
    await writeFile(join(elsewhere, 'package.json'), '{"type":"commonjs"}');
    const script = `cd ${elsewhere} && ${PROGRAM} --version`;
    expect((await runProgram('sh', ['-c', script])).stdout).toBe('0.1.0\n');
    await rm(elsewhere, { recursive: true });
  });
});

test('the tour shows that phone and backup agree', async () => {
  const { exitCode, stdout } = await runProgram(PROGRAM, ['tour', '--json'], { timeoutMs: 120_000 });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ agree: true });
});
