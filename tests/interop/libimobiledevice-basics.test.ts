import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type InstalledApp,
  type SimulatedPhone,
  type Simulator,
  startSimulator,
} from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMissing } from './required-program.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

const PROGRAMS = [
  'idevice_id',
  'idevicediagnostics',
  'ideviceinfo',
  'ideviceinstaller',
  'idevicename',
  'idevicenotificationproxy',
  'idevicepair',
  'stdbuf',
];

const APP: InstalledApp = {
  bundleID: 'org.example.garden',
  displayName: 'Garden',
  version: '2.1',
  kind: 'User',
  groups: [],
  plugins: [],
  containerUUID: '6B29FC40-CA47-1067-B31D-00DD010662DA',
};

/** Both forms of the socket for one version; the others must not cost more than they tell. */
const FORMS = [
  ['12.5.7', 'unix'],
  ['15.8', 'unix'],
  ['17.6.1', 'unix'],
  ['18.7', 'unix'],
  ['26.1', 'unix'],
  ['26.1', 'tcp'],
  ['27.0', 'unix'],
] as const;

describe.skipIf(isMissing(...PROGRAMS)).each(FORMS)('libimobiledevice and iOS %s over %s', (ios, kind) => {
  let folder: string;
  let simulator: Simulator;
  let phone: SimulatedPhone;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rootcellar-interop-'));
    simulator = await startSimulator({ socketPath: join(folder, 'mux.sock'), phones: [{ ios }] });
    address = (kind === 'unix' ? simulator.socket : simulator.tcp) ?? '';
    const first = simulator.phones[0];
    if (!first) throw new Error('No phone was started');
    phone = first;
    phone.setApps([APP, { ...APP, bundleID: 'com.apple.notes', displayName: 'Notes', kind: 'System' }]);
  });
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  const env = () => ({ USBMUXD_SOCKET_ADDRESS: address });
  const run = (command: string, ...args: readonly string[]): Promise<ProgramRun> =>
    runProgram(command, args, { env: env() });

  /** People run it twice: the first call only puts the question on the screen. */
  const pair = async (): Promise<ProgramRun> => {
    for (let attempt = 0; ; attempt += 1) {
      const asked = await run('idevicepair', 'pair');
      if (asked.exitCode === 0 || attempt === 20) return asked;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it('lists the phone', async () => {
    expect(await run('idevice_id', '-l')).toMatchObject({ exitCode: 0, stdout: `${phone.identity.udid}\n` });
  });

  it('reads little before pairing, and asks for trust when it wants more', async () => {
    const simple = await run('ideviceinfo', '-s');
    expect(simple.exitCode).toBe(0);
    expect(simple.stdout).toContain(`ProductVersion: ${ios}\n`);
    expect(simple.stdout).not.toContain('SerialNumber');
    const validated = await run('idevicepair', 'validate');
    expect(validated.exitCode).not.toBe(0);
  });

  it('is told when the owner declines', async () => {
    phone.owner.tapDeny();
    const denied = await run('idevicepair', 'pair');
    expect(denied.output).toMatch(/denied|accept the trust dialog/);
    expect(denied.exitCode).not.toBe(0);
  });

  it('pairs, and finds the pairing valid', async () => {
    expect(await pair()).toMatchObject({ exitCode: 0 });
    const validated = await run('idevicepair', 'validate');
    expect(validated.output).toContain(`SUCCESS: Validated pairing with device ${phone.identity.udid}`);
    expect(phone.trust.list()).toHaveLength(1);
  });

  it('cannot pair while the phone is locked', async () => {
    await run('idevicepair', 'unpair');
    phone.lock();
    const refused = await run('idevicepair', 'pair');
    phone.unlock();
    expect(refused.output).toContain('passcode is set');
    expect(await pair()).toMatchObject({ exitCode: 0 });
  });

  it('reads everything in a session', async () => {
    const all = await run('ideviceinfo');
    expect(all.exitCode).toBe(0);
    for (const line of [
      `UniqueDeviceID: ${phone.identity.udid}`,
      `SerialNumber: ${phone.identity.serialNumber}`,
      `UniqueChipID: ${phone.identity.ecid}`,
      `ProductType: ${phone.identity.productType}`,
      `BuildVersion: ${phone.identity.buildVersion}`,
      'PasswordProtected: false',
    ]) {
      expect(all.stdout).toContain(`${line}\n`);
    }
  });

  it('reads domains and single keys', async () => {
    const disk = await run('ideviceinfo', '-q', 'com.apple.disk_usage');
    expect(disk.stdout).toContain(`TotalDiskCapacity: ${phone.model.storageBytes}\n`);
    phone.condition.findMy = true;
    const findMy = await run('ideviceinfo', '-q', 'com.apple.fmip', '-k', 'IsAssociated');
    expect(findMy.stdout.trim()).toBe('true');
    const iTunes = await run('ideviceinfo', '-q', 'com.apple.mobile.iTunes');
    expect(iTunes.stdout).toContain('FamilyID: 18446744073709551615\n');
  });

  it('reads and changes the name, accents and emoji included', async () => {
    expect((await run('idevicename')).stdout.trim()).toBe(phone.identity.deviceName);
    await run('idevicename', 'Zoë 🍏');
    expect(phone.identity.deviceName).toBe('Zoë 🍏');
    expect((await run('idevicename')).stdout.trim()).toBe('Zoë 🍏');
  });

  it('posts and observes notifications', async () => {
    const posted: string[] = [];
    const stop = phone.notifications.listen((name) => posted.push(name));
    await run('idevicenotificationproxy', 'post', 'org.example.ripe');
    await expect.poll(() => posted).toContain('org.example.ripe');
    stop();

    // Into a pipe it would print only when its buffer is full.
    const observer = spawn('stdbuf', ['-oL', 'idevicenotificationproxy', 'observe', 'org.example.sown'], {
      env: { ...process.env, ...env() },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let heard = '';
    observer.stdout.on('data', (text) => {
      heard += text;
    });
    try {
      // The tool says nothing when it is ready: the name is posted until it is heard.
      await expect
        .poll(
          () => {
            phone.notifications.post('org.example.sown');
            return heard;
          },
          { timeout: 10_000, interval: 100 },
        )
        .toContain('org.example.sown');
    } finally {
      observer.kill('SIGKILL');
    }
  });

  it('lists the apps of the owner', async () => {
    const listed = await run('ideviceinstaller', '-l');
    expect(listed.stdout).toContain('org.example.garden, "2.1", "Garden"');
    expect(listed.stdout).not.toContain('com.apple.notes');
  });

  it('reads diagnostics', async () => {
    const gestalt = await run('idevicediagnostics', 'mobilegestalt', 'PasswordConfigured');
    const deprecated = ['17.6.1', '18.7', '26.1', '27.0'].includes(ios);
    expect(gestalt.output.includes('MobileGestaltDeprecated')).toBe(deprecated);
    const battery = await run('idevicediagnostics', 'ioregentry', 'AppleSmartBattery');
    expect(battery.output).toMatch(/<key>CurrentCapacity<\/key>\s*<integer>82<\/integer>/);
  });

  it.each([
    ['All', 'GasGauge'],
    ['GasGauge', 'CycleCount'],
    ['WiFi', 'Success'],
    ['NAND', 'Success'],
  ])('reads the diagnostics %s', async (type, word) => {
    const read = await run('idevicediagnostics', 'diagnostics', type);
    expect(read).toMatchObject({ exitCode: 0, output: expect.stringContaining(word) });
  });

  it('puts the phone to sleep, and stays connected', async () => {
    expect(await run('idevicediagnostics', 'sleep')).toMatchObject({ exitCode: 0 });
    expect(phone.presence.running).toBe(true);
    phone.unlock();
  });

  it('switches the phone off, until somebody switches it on', async () => {
    expect(await run('idevicediagnostics', 'shutdown')).toMatchObject({ exitCode: 0 });
    await expect.poll(() => phone.presence.running).toBe(false);
    expect((await run('idevice_id', '-l')).stdout).toBe('');
    await phone.start();
    phone.unlock();
    expect((await run('idevicepair', 'validate')).exitCode).toBe(0);
  });

  it('loses the phone while it restarts, and finds it again', async () => {
    expect(await run('idevicediagnostics', 'restart')).toMatchObject({ exitCode: 0 });
    await expect.poll(() => phone.presence.running).toBe(false);
    expect((await run('idevice_id', '-l')).stdout).toBe('');
    await expect.poll(() => phone.presence.running, { timeout: 5000 }).toBe(true);
    expect((await run('idevicepair', 'validate')).exitCode).toBe(0);
  });

  it('unpairs', async () => {
    expect(await run('idevicepair', 'unpair')).toMatchObject({ exitCode: 0 });
    expect(phone.trust.list()).toHaveLength(0);
    expect((await run('ideviceinfo', '-k', 'SerialNumber')).exitCode).not.toBe(0);
  });
});
