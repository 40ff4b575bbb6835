import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchAgent } from '../../apps/cli/src/service/launch-agent.ts';
import { systemdUnit } from '../../apps/cli/src/service/systemd-unit.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

const DATA = '/srv/Lena\'s "cellar" & 100% $HOME\\<x>';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-service-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** systemd looks whether the program is there. */
const wish = () => ({
  node: process.execPath,
  launcher: '/opt/rootcellar/bin/rootcellar',
  args: ['start', '--data', DATA],
  environment: { USBMUXD_SOCKET_ADDRESS: 'UNIX:/run/my mux' },
});

describe.skipIf(isMissing('systemd-analyze'))('systemd itself', () => {
  const verify = async (text: string) => {
    const path = join(folder, 'rootcellar.service');
    await writeFile(path, text);
    const env = { XDG_RUNTIME_DIR: folder };
    return (await runProgram('systemd-analyze', ['--user', 'verify', path], { env })).output;
  };

  test('has nothing to say about our unit', async () => {
    expect(await verify(systemdUnit(wish(), folder).text)).toBe('');
  });

  test('would say something about one with mistakes', async () => {
    const { text } = systemdUnit(wish(), folder);
    expect(await verify(text.replace('RestartSec=10', 'RestartSeconds=10'))).toContain('RestartSeconds');
    expect(await verify(text.replace('\\"cellar', '\\qcellar'))).not.toBe('');
  });
});

describe.skipIf(isMissing('python3'))('Python’s property lists', () => {
  test('hold what our launch agent says', async () => {
    const path = join(folder, 'agent.plist');
    await writeFile(path, launchAgent(wish(), { home: '/Users/lena', uid: 501 }).text);
    const script = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
    const { stdout } = await runProgram('python3', ['-c', script, path]);
    expect(JSON.parse(stdout)).toMatchObject({
      Label: 'local.rootcellar.hub',
      ProgramArguments: [process.execPath, '/opt/rootcellar/bin/rootcellar', 'start', '--data', DATA],
      EnvironmentVariables: { USBMUXD_SOCKET_ADDRESS: 'UNIX:/run/my mux' },
      KeepAlive: { SuccessfulExit: false },
      Umask: 0o77,
    });
  });
});
