import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, seededRandom } from '@rootcellar/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKeybag } from '../backup-agent/encryption/keybag.ts';
import { createPhoneFiles } from '../file-system/create-phone-files.ts';
import { type DeviceKey, deviceKeyToPem, makeDeviceKey } from './device-key.ts';
import type { FillPhone } from './fill-phone.ts';
import { openPhone, type PhoneOptions } from './open-phone.ts';

let deviceKey: DeviceKey;
let folder: string;
let clock: ReturnType<typeof manualClock>;

beforeAll(async () => {
  deviceKey = await makeDeviceKey();
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-phone-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  clock = manualClock(new Date('2026-05-03T10:00:00Z'));
});

/** One file, so that it can be seen whether it is there. */
const fill: FillPhone = async (request) => {
  const files = await createPhoneFiles(request);
  if (request.start !== 'resume') files.remove('/');
  if (request.start === 'fresh') files.writeFile('/var/mobile/note', Buffer.from('mine'));
  return { files, apps: [] };
};

const open = (options: PhoneOptions = {}, stateFolder?: string) =>
  openPhone({ deviceKey, owner: 'absent', ...options }, { fill, clock, stateFolder });

describe('a phone', () => {
  it('is the same for the same seed and another for another', async () => {
    const identity = async (seed: string) => (await open({ seed })).identity;
    expect(await identity('a')).toEqual(await identity('a'));
    expect((await identity('a')).udid).not.toBe((await identity('b')).udid);
    expect((await identity('a')).ecid.toString(16)).toBe(
      (await identity('a')).udid.slice(9).toLowerCase().replace(/^0+/, ''),
    );
  });

  it('is an iPhone15,2 with 26.1 unless told otherwise', async () => {
    const { identity } = await open();
    expect(identity).toMatchObject({
      productType: 'iPhone15,2',
      productVersion: '26.1',
      buildVersion: '23B85',
    });
    const older = (await open({ model: 'iPhone14,5', ios: '18.2' })).identity;
    expect(older).toMatchObject({ productVersion: '18.2', buildVersion: '22C100' });
    expect(older.udid).toMatch(/^00008110-/);
  });

  it.each([
    [{ model: 'iPhone99,9' }, 'simulator.model-unknown'],
    [{ ios: '11.4' }, 'simulator.system-unknown'],
    [{ ios: '19.0' }, 'simulator.system-unknown'],
    [{ ios: 'newest' }, 'simulator.system-unknown'],
  ])('cannot be %j', async (options, code) => {
    await expect(open(options)).rejects.toMatchObject({ code });
  });

  it('is gone for two seconds when it restarts, and comes back locked', async () => {
    const phone = await open();
    Object.assign(phone.condition, { leftoverSnapshot: true });
    const order: string[] = [];
    phone.bootTasks.push(async () => void order.push(`boot, running: ${phone.presence.running}`));
    const restarted = phone.restart();
    expect(phone.presence.connections).toEqual([]);
    expect(phone.restart()).toBe(restarted);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(phone.presence.running).toBe(false);
    clock.advance(1);
    await restarted;
    expect(phone.presence.connections).toEqual(['USB']);
    expect(order).toEqual(['boot, running: false']);
    expect(phone.condition).toMatchObject({ locked: true, leftoverSnapshot: false });
    expect(phone.unlockedSinceBoot).toBe(false);
    await phone.stop();
  });

  it('says Hello after it was erased, and trusts nobody', async () => {
    const phone = await open();
    phone.trust.add({
      hostID: 'H',
      systemBUID: 'S',
      rootCertificate: new Uint8Array(1),
      hostCertificate: new Uint8Array(1),
      deviceCertificate: new Uint8Array(1),
      escrowBag: new Uint8Array(32),
    });
    phone.values.set('com.apple.mobile.backup', 'WillEncrypt', true);
    const none = new Uint8Array();
    phone.encryption = { password: 'geheim', keybag: none, classKeys: new Map(), fileSecret: none };
    phone.condition.requiresEncryption = true;
    const { hardwareKey } = phone;
    const { udid } = phone.identity;
    const erased = phone.erase();
    const restarted = (): boolean => {
      clock.advance(2000);
      return phone.presence.running;
    };
    await expect.poll(restarted).toBe(true);
    await erased;
    expect(phone.trust.list()).toEqual([]);
    expect(phone.values.get('com.apple.mobile.backup', 'WillEncrypt')).toBeUndefined();
    expect(phone.files.stat('/var/mobile/note')).toBeUndefined();
    expect(phone.condition).toMatchObject({ setUp: false, passcode: undefined, locked: false });
    expect(phone.condition.requiresEncryption).toBe(false);
    expect(phone.encryption).toBeUndefined();
    expect(phone.hardwareKey).toBe(hardwareKey);
    expect(phone.values.get('', 'ActivationState')).toBe('Unactivated');
    expect(phone.identity).toMatchObject({ udid, deviceName: 'iPhone' });
    await phone.stop();
  });
});

describe('a phone with a state folder', () => {
  it('wakes as it was', async () => {
    const state = join(folder, 'kept');
    const before = await open({ seed: 'kept', model: 'iPhone14,5', ios: '17.6.1' }, state);
    const host = {
      hostID: 'H',
      systemBUID: 'S',
      rootCertificate: Uint8Array.of(1),
      hostCertificate: Uint8Array.of(2),
      deviceCertificate: Uint8Array.of(3),
      escrowBag: new Uint8Array(32).fill(4),
    };
    before.trust.add(host);
    before.values.set('', 'DeviceName', 'Zoë 🍏');
    before.values.set('com.apple.iTunes', 'big', 2n ** 63n - 1n);
    before.setApps([
      {
        bundleID: 'a.b',
        displayName: 'B',
        version: '1',
        kind: 'User',
        groups: ['g'],
        plugins: [],
        containerUUID: 'C',
        sinf: Uint8Array.of(9),
      },
    ]);
    const bag = await makeKeybag({
      password: 'geheim',
      random: seededRandom(1),
      hardwareKey: before.hardwareKey,
      stretching: { outerRounds: 1, rounds: 1 },
    });
    before.encryption = {
      password: 'geheim',
      keybag: bag.bytes,
      classKeys: bag.classKeys,
      fileSecret: new Uint8Array(32).fill(5),
    };
    before.lock();
    Object.assign(before.condition, { passcode: undefined, batteryPercent: 12, requiresEncryption: true });
    before.files.writeFile('/var/mobile/new', Buffer.from('kept too'));
    await before.save();
    await before.stop();

    const after = await open({ seed: 'other', model: 'iPhone15,2' }, state);
    expect(after.identity).toEqual(before.identity);
    expect(after.condition).toEqual(before.condition);
    expect(after.trust.get('H')?.escrowBag).toHaveLength(32);
    expect(after.values.get('com.apple.iTunes', 'big')).toBe(2n ** 63n - 1n);
    expect(after.apps).toMatchObject([{ bundleID: 'a.b', groups: ['g'] }]);
    expect(after.encryption).toEqual(before.encryption);
    expect([...(after.encryption?.classKeys.keys() ?? [])]).toEqual([...bag.classKeys.keys()]);
    expect(after.hardwareKey).toEqual(before.hardwareKey);
    expect(deviceKeyToPem(after.deviceKey)).toBe(deviceKeyToPem(deviceKey));
    expect(after.files.stat('/var/mobile/new')?.sizeBytes).toBe(8);
    await after.stop();
  });

  it.each([
    ['present', false],
    ['absent', true],
  ] as const)(
    'that was saved in the middle of a restart wakes for an owner who is %s: locked %s',
    async (owner, locked) => {
      const state = join(folder, `restart-${owner}`);
      const before = await open({}, state);
      void before.restart();
      await before.stop();
      const after = await open({ owner }, state);
      expect(after.condition.locked).toBe(locked);
      expect(after.unlockedSinceBoot).toBe(!locked);
      await after.stop();
    },
  );

  it('keeps its key from other users, and leaves no unfinished files', async () => {
    const state = join(folder, 'private');
    await (await open({}, state)).save();
    expect((await stat(join(state, 'phone.plist'))).mode & 0o777).toBe(0o600);
    expect((await readdir(state)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each([
    ['a cut file', (good: string) => good.slice(0, good.length / 2), 'simulator.state-unreadable'],
    ['an empty file', () => '', 'simulator.state-unreadable'],
    [
      'a missing key',
      (good: string) => good.replace('devicePrivateKeyPem', 'other'),
      'simulator.state-unreadable',
    ],
    [
      'a newer version',
      (good: string) => good.replace(/<key>version<\/key>\s*<integer>1/, '<key>version</key><integer>2'),
      'simulator.state-newer',
    ],
  ])('refuses a state that is %s, and leaves it as it is', async (name, spoil, code) => {
    const state = join(folder, name);
    await (await open({}, state)).save();
    const file = join(state, 'phone.plist');
    const spoilt = spoil(await readFile(file, 'utf8'));
    await writeFile(file, spoilt);
    await expect(open({}, state)).rejects.toMatchObject({ code });
    expect(await readFile(file, 'utf8')).toBe(spoilt);
  });
});
