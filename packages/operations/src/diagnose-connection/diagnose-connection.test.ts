import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePairRecord, parsePairRecord, type Usbmux, usbmuxError } from '@rootcellar/device';
import { makeDeviceKey, type SimulatedPhone, type Simulator, startSimulator } from '@rootcellar/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pairDevice } from '../pair-device.ts';
import { usbmuxOfThisComputer } from '../usbmux-of-this-computer.ts';
import { type DiagnoseConnectionOptions, diagnoseConnection } from './diagnose-connection.ts';
import { CHECKS, FINDINGS, type FindingText } from './findings.ts';

/** Root may connect to every socket and write everywhere, so for a moment we are somebody else. */
const NOBODYS_USER_ID = 65_534;

let folder: string;
let simulator: Simulator;
let phone: SimulatedPhone;
let usbmux: Usbmux;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-doctor-'));
  const deviceKey = await makeDeviceKey();
  simulator = await startSimulator({ phones: [{ seed: 'doctor', profile: 'empty', deviceKey }] });
  const [first] = simulator.phones;
  if (first === undefined) throw new Error('No phone was started');
  phone = first;
});
beforeEach(async () => {
  usbmux = usbmuxOfThisComputer(simulator.tcp);
  phone.condition.passcode = '123456';
  phone.unlock();
  phone.presence.setPlugged(true);
  await pairDevice({ usbmux });
});
afterEach(() => phone.presence.setOnWifi(false));
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const diagnose = (options: Partial<DiagnoseConnectionOptions> = {}) =>
  diagnoseConnection({
    usbmux,
    dataFolder: folder,
    platform: 'linux',
    isServiceInstalled: async () => false,
    freeBytesOf: async () => 99e9,
    ...options,
  });

/** What is wrong, and that everything else is either well or not looked at. */
async function problems(options: Partial<DiagnoseConnectionOptions> = {}): Promise<readonly string[]> {
  const { checks, ok } = await diagnose(options);
  expect(checks.map(({ code }) => code)).toEqual([...CHECKS]);
  const found = checks.filter(({ state }) => state === 'problem');
  expect(ok).toBe(found.length === 0);
  for (const { help } of found) expect(help).toMatch(/\.$|\.`/);
  return found.map(({ finding }) => finding);
}

const nobodyAt = (path: string) => usbmuxOfThisComputer(`UNIX:${path}`);

describe('a phone that is ready', () => {
  test('is told in twelve checks, all well', async () => {
    const { checks, ok } = await diagnose();
    expect(ok).toBe(true);
    expect(checks.every(({ state, help }) => state === 'ok' && help === undefined)).toBe(true);
    expect(checks.map(({ code }) => code)).toEqual([...CHECKS]);
    expect(checks.find(({ code }) => code === 'session')?.udid).toBe(phone.identity.udid);
  });

  test('leaves nothing in the data folder', async () => {
    await diagnose();
    expect(await readdir(folder)).toEqual([]);
  });

  test('may be on Wi-Fi only', async () => {
    phone.presence.setOnWifi(true);
    phone.presence.setPlugged(false);
    const { checks, ok } = await diagnose();
    expect(checks.map(({ finding }) => finding)).toContain('device-on-wifi');
    expect(ok).toBe(true);
  });
});

describe('the service that finds phones', () => {
  test('is missing', async () => {
    expect(await problems({ usbmux: nobodyAt(join(folder, 'none.sock')) })).toEqual(['usb-service-missing']);
  });

  test('is not where the environment says', async () => {
    const elsewhere = { usbmux: nobodyAt(join(folder, 'none.sock')), addressIsNamed: true };
    expect(await problems(elsewhere)).toEqual(['usb-service-elsewhere']);
  });

  test('left its socket behind', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    const dead = usbmuxOfThisComputer(`127.0.0.1:${port}`);
    expect(await problems({ usbmux: dead })).toEqual(['usb-service-refusing']);
  });

  test.skipIf(process.getuid?.() !== 0)('does not let everybody in', async () => {
    const path = join(folder, 'shut.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await chmod(path, 0o600);
    await chmod(folder, 0o711);
    process.seteuid?.(NOBODYS_USER_ID);
    try {
      expect(await problems({ usbmux: nobodyAt(path) })).toEqual([
        'usb-service-forbidden',
        'data-folder-shut',
      ]);
    } finally {
      process.seteuid?.(0);
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('takes connections and says nothing that makes sense', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(await problems({ usbmux: usbmuxOfThisComputer(`127.0.0.1:${port}`) })).toEqual([
      'usb-service-silent',
    ]);
    server.close();
  });
});

describe('a phone', () => {
  test('is not connected', async () => {
    phone.presence.setPlugged(false);
    expect(await problems()).toEqual(['device-none']);
  });

  test('is still starting', async () => {
    phone.presence.setPlugged(false);
    expect(await problems({ usbmux: { ...usbmux, countUnready: async () => 1 } })).toEqual([
      'device-starting',
    ]);
  });

  test('is another one than the one that was named', async () => {
    expect(await problems({ device: '00008120-FFFF' })).toEqual(['device-not-found']);
  });

  test.each([
    ['port-refused', 'device-refusing'],
    ['device-gone', 'device-gone'],
    ['unknown-answer', 'device-silent'],
  ] as const)('answers the connection with %s', async (name, finding) => {
    const connect = () => Promise.reject(usbmuxError(name));
    expect(await problems({ usbmux: { ...usbmux, connect } })).toEqual([finding]);
  });

  test('has never been paired', async () => {
    await usbmux.deletePairRecord(phone.identity.udid);
    expect(await problems()).toEqual(['trust-missing']);
  });

  test('has a pairing of which only a part is left', async () => {
    const readPairRecord = async () => Buffer.from('bplist00 not really');
    expect(await problems({ usbmux: { ...usbmux, readPairRecord } })).toEqual(['trust-record-damaged']);
  });

  test('has a pairing that the service does not give', async () => {
    const readPairRecord = () => Promise.reject(usbmuxError('unknown-answer', { answer: 99 }));
    const { checks, ok } = await diagnose({ usbmux: { ...usbmux, readPairRecord } });
    expect(checks.find(({ code }) => code === 'trusted')?.state).toBe('unknown');
    expect(ok).toBe(false);
  });

  test('has forgotten the pairing', async () => {
    phone.trust.clear();
    expect(await problems()).toEqual(['trust-withdrawn']);
  });

  test('has another key than the paired one', async () => {
    const { udid } = phone.identity;
    const record = parsePairRecord((await usbmux.readPairRecord(udid)) ?? new Uint8Array());
    if (record === undefined) throw new Error('Not paired');
    const foreign = encodePairRecord({ ...record, deviceCertificate: record.rootCertificate });
    expect(await problems({ usbmux: { ...usbmux, readPairRecord: async () => foreign } })).toEqual([
      'session-wrong-key',
    ]);
  });

  test('is locked', async () => {
    phone.lock();
    expect(await problems()).toEqual(['locked']);
  });

  test('was never unlocked since it started', async () => {
    phone.lock();
    phone.unlockedSinceBoot = false;
    expect(await problems()).toEqual(['never-unlocked']);
  });
});

describe('several phones', () => {
  test('are looked at one by one, and one that is ready is enough', async () => {
    const two = await startSimulator({
      phones: [{ profile: 'empty' }, { profile: 'empty', owner: 'absent' }],
    });
    try {
      const both = usbmuxOfThisComputer(two.tcp);
      const [ready, unpaired] = two.phones.map(({ identity }) => identity.udid);
      await pairDevice({ usbmux: both, device: ready });
      const { checks, ok } = await diagnose({ usbmux: both });
      expect(ok).toBe(true);
      const states = (udid: string | undefined) =>
        checks
          .filter((check) => check.udid === udid && check.code === 'trusted')
          .map(({ finding }) => finding);
      expect([states(ready), states(unpaired)]).toEqual([['trusted'], ['trust-missing']]);
    } finally {
      await two.close();
    }
  });
});

describe('the place for what is kept', () => {
  test('need not be there yet', async () => {
    expect(await problems({ dataFolder: join(folder, 'new', 'er') })).toEqual([]);
    expect(await readdir(folder)).not.toContain('new');
  });

  test('cannot be below a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await problems({ dataFolder: join(file, 'state') })).toEqual(['data-folder-shut']);
  });

  test.skipIf(process.getuid?.() !== 0)('cannot be one that only others may write', async () => {
    const shut = join(folder, 'shut');
    await mkdir(shut, { mode: 0o755 });
    await chmod(folder, 0o711);
    process.seteuid?.(NOBODYS_USER_ID);
    try {
      expect(await problems({ dataFolder: shut })).toEqual(['data-folder-shut']);
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('the disk', () => {
  test('needs room for a backup', async () => {
    const freeBytesOf = async () => 3.9e9;
    expect(await problems({ freeBytesOf })).toEqual(['space-short']);
    const space = (await diagnose({ freeBytesOf })).checks.find(({ code }) => code === 'free-space');
    expect(space?.sentence).toMatch(/^Only 3 GB/);
  });

  test('that does not tell how full it is stands in nobody’s way', async () => {
    expect(await problems({ freeBytesOf: () => Promise.reject(new Error('not told')) })).toEqual([]);
  });
});

describe('the service on Linux', () => {
  test('that is installed, and only does not run, need not be installed again', async () => {
    const help = async (isInstalled: boolean, platform: NodeJS.Platform) =>
      (
        await diagnose({
          usbmux: nobodyAt(join(folder, 'none.sock')),
          platform,
          isServiceInstalled: async () => isInstalled,
        })
      ).checks[0]?.finding;
    expect(await help(true, 'linux')).toBe('usb-service-asleep');
    expect(await help(false, 'linux')).toBe('usb-service-missing');
    expect(await help(true, 'darwin')).toBe('usb-service-missing');
  });
});

describe('the words', () => {
  test('are those of the system it runs on', async () => {
    const at = async (platform: NodeJS.Platform) =>
      (await diagnose({ usbmux: nobodyAt(join(folder, 'none.sock')), platform })).checks[0]?.help;
    expect(await at('linux')).toMatch(/apt install usbmuxd/);
    expect(await at('freebsd')).toMatch(/apt install usbmuxd/);
    expect(await at('darwin')).toMatch(/Restart the Mac/);
    expect(await at('win32')).toMatch(/Apple Devices/);
  });

  test('say of what was not looked at why, and what has to be done first', async () => {
    const unknown = async (options?: Partial<DiagnoseConnectionOptions>) =>
      (await diagnose(options)).checks.flatMap(({ finding, sentence }) =>
        finding === 'not-looked-at' ? [sentence] : [],
      );
    const none = await unknown({ usbmux: nobodyAt(join(folder, 'none.sock')) });
    expect(none).toHaveLength(7);
    for (const sentence of none)
      expect(sentence).toMatch(/^Whether .* is not known yet: the service .* has to run first\.$/);
    phone.lock();
    phone.unlockedSinceBoot = false;
    expect((await unknown()).at(-1)).toBe(
      'Whether what a backup needs can be started is not known yet: it has to be unlocked first.',
    );
    phone.unlock();
    await usbmux.deletePairRecord(phone.identity.udid);
    expect((await unknown())[0]).toBe(
      'Whether a secure connection can be made is not known yet: it has to trust this computer first.',
    );
  });

  test('help with every problem, and never need a number they are not given', () => {
    for (const finding of Object.values<FindingText>(FINDINGS)) {
      if (finding.state === 'problem') expect(finding.help).toBeDefined();
      if (finding.state === 'ok') expect(finding.help).toBeUndefined();
      expect(finding.sentence).toMatch(/\.$/);
    }
  });
});
