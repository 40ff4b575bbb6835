import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');

let folder: string;
let unit: string;
/** What a pretended systemctl was told. */
let told: () => Promise<string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-service-'));
  unit = join(folder, 'config', 'systemd', 'user', 'rootcellar.service');
  await mkdir(join(folder, 'with'));
  await mkdir(join(folder, 'without'));
  await symlink(process.execPath, join(folder, 'without', 'node'));
  const pretended = join(folder, 'with', 'systemctl');
  await writeFile(pretended, `#!/bin/sh\necho "$*" >> '${join(folder, 'told')}'\n`);
  await chmod(pretended, 0o755);
  told = async () => {
    const text = await readFile(join(folder, 'told'), 'utf8').catch(() => '');
    await rm(join(folder, 'told'), { force: true });
    return text;
  };
});
afterAll(() => rm(folder, { recursive: true }));

/** Nothing of the person who runs the tests is touched. */
function run(path: 'with' | 'without', ...args: readonly string[]) {
  const places = path === 'with' ? [join(folder, 'with'), process.env['PATH']] : [join(folder, 'without')];
  const env = {
    ROOTCELLAR_DATABASE: 'postgres://cellar:secret@db/cellar',
    PATH: places.join(delimiter),
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    ROOTCELLAR_DATA: join(folder, 'my data'),
    USBMUXD_SOCKET_ADDRESS: '',
  };
  return runProgram(process.execPath, [PROGRAM, 'service', ...args], { env });
}

describe.skipIf(process.platform !== 'linux')('the hub as a service of systemd', () => {
  test('is only shown with --print', async () => {
    const { exitCode, stdout, output } = await run('with', 'install', '--print', '--port', '8080');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`start --no-open --data "${join(folder, 'my data')}" --port 8080\n`);
    expect(output).toContain(`File: ${unit}`);
    expect(output).toContain('Run:  systemctl --user enable rootcellar.service');
    await expect(readFile(unit)).rejects.toThrow();
    expect(await told()).toBe('');
  });

  test('is written down and started, with the paths that work from everywhere', async () => {
    const { exitCode, stdout } = await run('with', 'install', '--public-url', 'https://cellar.example');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('loginctl enable-linger');
    expect(stdout).toContain('does not know ROOTCELLAR_DATABASE');
    const text = await readFile(unit, 'utf8');
    expect(text).not.toContain('secret');
    expect(text).toMatch(/^ExecStart=\/\S*node \/\S*\/bin\/rootcellar start /m);
    expect(text).toContain('--port 4610 --public-url https://cellar.example\n');
    expect(await told()).toMatch(/^--user daemon-reload\n--user enable .*\n--user restart .*\n$/);
    expect((await run('with', 'install', '--public-url', 'https://cellar.example')).stdout).toContain(
      'as it was',
    );
    expect(await told()).not.toContain('restart');
  });

  test('is not written if the hub would not start like that', async () => {
    const { exitCode, output } = await run('with', 'install', '--tls-cert', 'a', '--tls-key', 'b');
    expect(exitCode).toBe(1);
    expect(output).toContain('hub.certificate-unusable');
    expect((await run('with', 'install', '--host', '0.0.0.0')).output).toContain('hub.tls-needed');
    expect(await told()).toBe('');
  });

  test('is removed, and what it kept stays', async () => {
    expect((await run('with', 'remove', '--json')).stdout).toContain('"file":"removed"');
    expect(await told()).toContain('disable --now');
    expect((await run('with', 'remove')).output).toContain('There was none');
  });

  test('says what to type where there is no systemctl', async () => {
    const { exitCode, stdout } = await run('without', 'install');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/Please type:\n {2}systemctl --user daemon-reload\n {2}systemctl --user enable/);
    await writeFile(unit, '# mine');
    const refused = await run('without', 'install');
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining('service.file-foreign') });
    expect(await readFile(unit, 'utf8')).toBe('# mine');
  });
});
