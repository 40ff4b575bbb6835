import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installService, removeService } from './install-service.ts';
import { launchAgent } from './launch-agent.ts';
import type { ServiceFile } from './service-file.ts';
import { systemdUnit } from './systemd-unit.ts';

let folder: string;
let typed: string[];
/** Exit codes by the first word that is one of these; all else works. */
let answers: Record<string, number | undefined>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-service-'));
  typed = [];
  answers = {};
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (words: readonly string[]): Promise<number | undefined> => {
  typed.push(words.join(' '));
  const known = words.find((word) => word in answers);
  return known === undefined ? 0 : answers[known];
};

function unit(port = '4610'): ServiceFile {
  const wish = { node: '/n', launcher: '/l', args: ['start', '--port', port], environment: {} };
  return systemdUnit(wish, join(folder, 'config'));
}

describe('installing a service', () => {
  test('writes it for its owner alone, and starts it', async () => {
    expect(await installService(unit(), run)).toEqual({ file: 'written', toType: [] });
    expect(await readFile(unit().path, 'utf8')).toBe(unit().text);
    expect((await stat(unit().path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(unit().path))).toEqual(['rootcellar.service']);
    expect(typed).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable rootcellar.service',
      'systemctl --user restart rootcellar.service',
    ]);
  });

  test('a second time disturbs nothing that runs', async () => {
    await installService(unit(), run);
    typed = [];
    expect(await installService(unit(), run)).toEqual({ file: 'kept', toType: [] });
    expect(typed).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable --now rootcellar.service',
    ]);
  });

  test('with other options takes the place of the one before', async () => {
    await installService(unit(), run);
    expect(await installService(unit('8080'), run)).toMatchObject({ file: 'written' });
    expect(await readFile(unit().path, 'utf8')).toBe(unit('8080').text);
  });

  test('says what to type where there is no systemctl, and from the command on that said no', async () => {
    answers = { systemctl: undefined };
    expect((await installService(unit(), run)).toType.map((words) => words.at(2))).toEqual([
      'daemon-reload',
      'enable',
      'restart',
    ]);
    answers = { enable: 1 };
    expect((await installService(unit('1'), run)).toType.map((words) => words.at(2))).toEqual([
      'enable',
      'restart',
    ]);
  });

  test.each([
    ['somebody else’s', () => '[Service]\nExecStart=/usr/bin/something\n'],
    ['ours, changed by hand', () => unit().text.replace('RestartSec=10', 'RestartSec=1')],
    ['ours, then much more', () => unit().text + '#'.repeat(100_000)],
  ])('refuses to touch a file that is %s', async (_, text) => {
    await mkdir(dirname(unit().path), { recursive: true });
    await writeFile(unit().path, text());
    for (const change of [installService, removeService]) {
      await expect(change(unit(), run)).rejects.toMatchObject({ code: 'service.file-foreign' });
    }
    expect(await readFile(unit().path, 'utf8')).toBe(text());
    expect(typed).toEqual([]);
  });
});

describe('removing a service', () => {
  test('ends it, removes its file, and nothing else', async () => {
    await installService(unit(), run);
    await writeFile(join(dirname(unit().path), 'other.service'), '');
    typed = [];
    expect(await removeService(unit('8080'), run)).toEqual({ file: 'removed', toType: [] });
    expect(await readdir(dirname(unit().path))).toEqual(['other.service']);
    expect(typed).toEqual([
      'systemctl --user disable --now rootcellar.service',
      'systemctl --user daemon-reload',
    ]);
    expect(await removeService(unit(), run)).toEqual({ file: 'absent', toType: [] });
  });
});

describe('a launch agent', () => {
  const agent = () =>
    launchAgent({ node: '/n', launcher: '/l', args: ['start'], environment: {} }, { home: folder, uid: 501 });

  test('is loaded though none was before, and again though one is', async () => {
    answers = { bootout: 3 };
    expect(await installService(agent(), run)).toEqual({ file: 'written', toType: [] });
    answers = { bootstrap: 5 };
    expect(await installService(agent(), run)).toEqual({ file: 'kept', toType: [] });
    expect(typed.map((line) => line.split(' ')[1])).toEqual([
      'bootout',
      'bootstrap',
      'bootstrap',
      'kickstart',
    ]);
  });
});
