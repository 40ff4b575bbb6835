import { manualClock } from '@rootcellar/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeviceKey, makeDeviceKey } from '../phone/device-key.ts';
import type { InstalledApp } from '../phone/phone.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { type Simulator, startSimulator } from '../simulate.ts';
import { makeTestHost, type TestHost } from '../testing/pairing.ts';
import {
  lockdownClient,
  type MessageClient,
  messageClient,
  openService,
  pairWith,
} from '../testing/wire-client.ts';

let simulator: Simulator;
let phone: SimulatedPhone;
let host: TestHost;
let deviceKey: DeviceKey;
const clock = manualClock(new Date('2026-05-03T10:00:00Z'));

beforeAll(async () => {
  deviceKey = await makeDeviceKey();
  host = makeTestHost(deviceKey.publicPem);
  simulator = await startSimulator({ clock, phones: [{ deviceKey, owner: 'absent', profile: 'empty' }] });
  const first = simulator.phones[0];
  if (!first) throw new Error('No phone was started');
  phone = first;
  phone.condition.setUp = false; // A phone that says Hello trusts without asking.
  const lockdown = await lockdownClient(simulator);
  await pairWith(lockdown, host);
  lockdown.close();
});
afterAll(() => simulator.close());

async function open(name: string): Promise<MessageClient> {
  return messageClient(await openService(simulator, host, name));
}

const app = (bundleID: string, more: Partial<InstalledApp> = {}): InstalledApp => ({
  bundleID,
  displayName: bundleID.toUpperCase(),
  version: '1.0',
  kind: 'User',
  groups: [],
  plugins: [],
  containerUUID: 'C',
  ...more,
});

describe('notification_proxy', () => {
  it('relays what is observed and nothing else, in order', async () => {
    const proxy = await open('com.apple.mobile.notification_proxy');
    await proxy.send({ Command: 'ObserveNotification', Name: 'a' });
    await proxy.send({ Command: 'ObserveNotification', Name: 'c' });
    for (const Name of ['a', 'b', 'c', 'a']) await proxy.send({ Command: 'PostNotification', Name });
    for (const Name of ['a', 'c', 'a']) {
      expect(await proxy.receive()).toEqual({ Command: 'RelayNotification', Name });
    }
    expect(await proxy.request({ Command: 'Shutdown' })).toEqual({ Command: 'ProxyDeath' });
    expect(await proxy.channel.read(1)).toHaveLength(0);
  });

  it('tells of the passcode screen coming and going', async () => {
    const proxy = await open('com.apple.mobile.notification_proxy');
    const names = ['presented', 'dismissed'].map((word) => `com.apple.LocalAuthentication.ui.${word}`);
    for (const Name of names) await proxy.send({ Command: 'ObserveNotification', Name });
    await proxy.send({ Command: 'ObserveNotification', Name: 'ready' });
    await proxy.send({ Command: 'PostNotification', Name: 'ready' });
    await proxy.receive();
    const asked = phone.owner.askPasscode('backup', new AbortController().signal);
    expect(await proxy.receive()).toMatchObject({ Name: names[0] });
    phone.owner.enterPasscode('123456');
    expect(await asked).toBe('entered');
    expect(await proxy.receive()).toMatchObject({ Name: names[1] });
    proxy.close();
  });
});

describe('installation_proxy', () => {
  it('browses in portions, of the type and with the attributes asked for', async () => {
    const users = Array.from({ length: 23 }, (_, index) => app(`app.${index}`));
    phone.setApps([...users, app('sys', { kind: 'System' })]);
    const proxy = await open('com.apple.mobile.installation_proxy');
    await proxy.send({
      Command: 'Browse',
      ClientOptions: { ApplicationType: 'User', ReturnAttributes: ['CFBundleIdentifier', 'ApplicationSINF'] },
    });
    const found: unknown[] = [];
    for (;;) {
      const message = await proxy.receive();
      if (message['Status'] === 'Complete') break;
      expect(message).toMatchObject({
        Status: 'BrowsingApplications',
        Total: 23,
        CurrentIndex: found.length,
      });
      found.push(...(message['CurrentList'] as readonly unknown[]));
    }
    expect(found).toEqual(users.map(({ bundleID }) => ({ CFBundleIdentifier: bundleID })));
    proxy.close();
  });

  it('looks apps up, and says which commands it does not know', async () => {
    phone.setApps([app('one', { sinf: Uint8Array.of(1, 2) }), app('two')]);
    const proxy = await open('com.apple.mobile.installation_proxy');
    const found = await proxy.request({ Command: 'Lookup', ClientOptions: { BundleIDs: ['one', 'three'] } });
    expect(found).toMatchObject({
      Status: 'Complete',
      LookupResult: { one: { CFBundleDisplayName: 'ONE' } },
    });
    expect(Object.keys(found['LookupResult'] as object)).toEqual(['one']);
    expect(await proxy.request({ Command: 'Dance' })).toHaveProperty('Error');
    proxy.close();
  });
});

describe('springboardservices', () => {
  it('gives the icon of an app, or an error if there is none', async () => {
    phone.setApps([app('pretty', { iconPng: Buffer.from('PNG') }), app('plain')]);
    const springboard = await open('com.apple.springboardservices');
    const icon = (bundleId: string) => springboard.request({ command: 'getIconPNGData', bundleId });
    expect(Buffer.from((await icon('pretty'))['pngData'] as Uint8Array).toString()).toBe('PNG');
    expect(await icon('plain')).toHaveProperty('Error');
    expect(await icon('nobody')).toHaveProperty('Error');
    springboard.close();
  });
});

describe('diagnostics_relay', () => {
  it('tells about the battery, and that MobileGestalt is deprecated', async () => {
    const relay = await open('com.apple.mobile.diagnostics_relay');
    expect(await relay.request({ Request: 'IORegistry', EntryClass: 'IOPMPowerSource' })).toMatchObject({
      Status: 'Success',
      Diagnostics: { IORegistry: { CurrentCapacity: 82, ExternalConnected: true } },
    });
    expect(await relay.request({ Request: 'MobileGestalt', MobileGestaltKeys: ['A'] })).toMatchObject({
      Diagnostics: { MobileGestalt: { Status: 'MobileGestaltDeprecated' } },
    });
    expect(await relay.request({ Request: 'Dance' })).toEqual({ Status: 'UnknownRequest' });
    expect(await relay.request({ Request: 'Goodbye' })).toEqual({ Status: 'Success' });
    expect(await relay.channel.read(1)).toHaveLength(0);
  });

  it('locks the screen when it is put to sleep, and stays reachable', async () => {
    phone.condition.passcode = '123456';
    const relay = await open('com.apple.mobile.diagnostics_relay');
    expect(await relay.request({ Request: 'Sleep' })).toEqual({ Status: 'Success' });
    await expect.poll(() => phone.condition.locked).toBe(true);
    expect(await relay.request({ Request: 'WiFi' })).toMatchObject({ Status: 'Success' });
    expect(await relay.request({ Request: 'constructor' })).toEqual({ Status: 'UnknownRequest' });
    relay.close();
    phone.unlock();
    phone.condition.passcode = undefined;
  });

  it('restarts once the computer has gone, if it wants so', async () => {
    const relay = await open('com.apple.mobile.diagnostics_relay');
    expect(await relay.request({ Request: 'Restart', WaitForDisconnect: true })).toEqual({
      Status: 'Success',
    });
    expect(phone.presence.running).toBe(true);
    relay.close();
    await expect.poll(() => phone.presence.running).toBe(false);
    clock.advance(2000);
    await expect.poll(() => phone.presence.running).toBe(true);
    phone.unlock();
  });

  it('answers before it shuts down, and stays off until it is started', async () => {
    const relay = await open('com.apple.mobile.diagnostics_relay');
    expect(await relay.request({ Request: 'Shutdown' })).toEqual({ Status: 'Success' });
    await expect.poll(() => phone.presence.running).toBe(false);
    clock.advance(60_000);
    expect(phone.presence.running).toBe(false);
    await phone.start();
    expect(phone.presence.running).toBe(true);
    phone.unlock();
  });
});

describe('mobileactivationd', () => {
  it.each([
    [true, 'Activated'],
    [false, 'Unactivated'],
  ])('of a phone whose setup is done: %s says %s', async (setUp, Value) => {
    phone.condition.setUp = setUp;
    const activation = await open('com.apple.mobileactivationd');
    expect(await activation.request({ Command: 'GetActivationStateRequest' })).toEqual({ Value });
    expect(await activation.channel.read(1)).toHaveLength(0);
  });

  it.each(['CreateTunnel1SessionInfoRequest', 'DeactivateRequest', 'Dance'])(
    'refuses %s',
    async (Command) => {
      const activation = await open('com.apple.mobileactivationd');
      expect(await activation.request({ Command })).toHaveProperty('Error');
    },
  );
});

describe('assertion_agent', () => {
  it('keeps the phone awake for those who say how long, and refuses others', async () => {
    const agent = await open('com.apple.mobile.assertion_agent');
    const request = {
      CommandKey: 'CommandCreateAssertion',
      AssertionTypeKey: 'PreventUserIdleSystemSleep',
      AssertionNameKey: 'a backup',
      AssertionTimeoutKey: 600,
    };
    expect(await agent.request(request)).toEqual({});
    for (const wrong of [{ AssertionTypeKey: 'Dance' }, { AssertionTimeoutKey: -1 }, { CommandKey: 'x' }]) {
      expect(await agent.request({ ...request, ...wrong })).toEqual({ Error: 'InvalidRequest' });
    }
    agent.close();
  });
});

describe('house_arrest', () => {
  const listRoot = Buffer.concat([
    Buffer.from('CFA6LPAA'),
    ...[42n, 42n, 1n, 3n].map((field) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(field);
      return bytes;
    }),
    Buffer.from('/\0'),
  ]);
  const names = async (client: MessageClient): Promise<readonly string[]> => {
    await client.channel.write(listRoot);
    const header = Buffer.from(await client.channel.readExactly(40));
    const body = await client.channel.readExactly(Number(header.readBigUInt64LE(8)) - 40);
    return Buffer.from(body).toString().split('\0').filter(Boolean);
  };

  it('speaks AFC on the container of an app that was not bought, and shows all of it', async () => {
    phone.setApps([app('own')]);
    phone.files.makeFolder('/var/mobile/Containers/Data/Application/C/Library');
    const arrest = await open('com.apple.mobile.house_arrest');
    expect(await arrest.request({ Command: 'VendContainer', Identifier: 'own' })).toEqual({
      Status: 'Complete',
    });
    expect(await names(arrest)).toEqual(['.', '..', 'Documents', 'Library']);
    arrest.close();
  });

  it('shows nothing but the documents of an app from the store', async () => {
    phone.setApps([app('bought', { sinf: Uint8Array.of(1) })]);
    const refused = await open('com.apple.mobile.house_arrest');
    expect(await refused.request({ Command: 'VendContainer', Identifier: 'bought' })).toEqual({
      Error: 'InstallationLookupFailed',
    });
    const arrest = await open('com.apple.mobile.house_arrest');
    await arrest.request({ Command: 'VendDocuments', Identifier: 'bought' });
    expect(await names(arrest)).toEqual(['.', '..', 'Documents']);
    arrest.close();
  });

  it.each([
    [{ Command: 'VendDocuments', Identifier: 'nobody' }, 'ApplicationLookupFailed'],
    [{ Command: 'VendDocuments', Identifier: 'sys' }, 'ApplicationLookupFailed'],
    [{ Command: 'VendDocuments' }, 'ApplicationLookupFailed'],
    [{ Command: 'Dance', Identifier: 'own' }, 'UnknownCommand'],
  ])('answers %j with %s', async (request, refusal) => {
    phone.setApps([app('own'), app('sys', { kind: 'System' })]);
    expect(await (await open('com.apple.mobile.house_arrest')).request(request)).toEqual({
      Error: refusal,
    });
  });
});

describe('heartbeat', () => {
  it('says Marco again an interval after each Polo, and leaves who does not answer', async () => {
    const heart = await open('com.apple.mobile.heartbeat');
    expect(await heart.receive()).toMatchObject({ Command: 'Marco', Interval: 10 });
    await heart.send({ Command: 'Polo' });
    const next = heart.receive();
    const ticking = setInterval(() => clock.advance(10_000), 10);
    expect(await next).toMatchObject({ Command: 'Marco' });
    clearInterval(ticking);
    await heart.send({ Command: 'Nonsense' });
    expect(await heart.channel.read(1)).toHaveLength(0);
  });
});
