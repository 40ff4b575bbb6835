import { asDict } from '@rootcellar/codecs';
import { type Clock, manualClock } from '@rootcellar/core';
import { type DeviceKey, makeDeviceKey, type Simulator, startSimulator } from '@rootcellar/simulator';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scriptedLockdown } from '../testing/scripted-lockdown.ts';
import { parseUsbmuxAddress } from '../usbmux/address.ts';
import type { Attachment } from '../usbmux/attachment.ts';
import { type Usbmux, usbmuxClient } from '../usbmux/usbmux.ts';
import { connectDevice, openLockdown } from './device-connection.ts';
import { type PairingWait, pair } from './pair.ts';
import { encodePairRecord } from './pair-record.ts';

let deviceKey: DeviceKey;
let simulator: Simulator;
let usbmux: Usbmux;
let clock: Clock & { advance(ms: number): void };
let waits: PairingWait[];

beforeAll(async () => {
  deviceKey = await makeDeviceKey();
});
beforeEach(async () => {
  simulator = await startSimulator({ phones: [{ profile: 'empty', owner: 'absent', deviceKey }] });
  usbmux = usbmuxClient(parseUsbmuxAddress(simulator.tcp));
  clock = manualClock(new Date());
  waits = [];
});
afterEach(() => simulator.close());

const phone = () => {
  const [first] = simulator.phones;
  if (first === undefined) throw new Error('No phone');
  return first;
};

async function attachmentOver(connection: Attachment['connection']): Promise<Attachment> {
  const [device] = await usbmux.listDevices();
  const found = device?.attachments.find((attachment) => attachment.connection === connection);
  if (found === undefined) throw new Error('Not attached');
  return found;
}

async function startPairing(options: { connection?: Attachment['connection']; signal?: AbortSignal } = {}) {
  const lockdown = await openLockdown(usbmux, await attachmentOver(options.connection ?? 'usb'));
  const outcome = pair(lockdown, {
    systemBuid: 'BUID',
    hostName: 'a test',
    onWaiting: (wait) => waits.push(wait),
    clock,
    ...(options.signal && { signal: options.signal }),
  }).finally(() => lockdown.close());
  outcome.catch(() => {});
  return { pairing: outcome };
}

/** Time passes in steps of a second until something has come true. */
async function passTimeUntil(isTrue: () => boolean): Promise<void> {
  await expect
    .poll(
      () => {
        clock.advance(1_000);
        return isTrue();
      },
      { interval: 10, timeout: 15_000 },
    )
    .toBe(true);
}

async function settled(work: Promise<unknown>): Promise<void> {
  let done = false;
  work.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await passTimeUntil(() => done);
}

describe('pairing', () => {
  test('waits for a tap that comes late, and gives a record that opens a session', async () => {
    const { pairing } = await startPairing();
    await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['tap-trust']);
    clock.advance(150_000);
    expect(phone().owner.tapTrust()).toBe(true);
    await passTimeUntil(() => phone().owner.current?.kind === 'passcode');
    phone().owner.enterPasscode('123456');
    await settled(pairing);
    const record = await pairing;
    expect(waits).toEqual(['tap-trust']);
    expect(record.escrowBag?.reveal()).toHaveLength(32);
    expect(record.wifiAddress).toBe(phone().identity.wifiAddress.toLowerCase());
    expect(record.hostID).toMatch(/^[0-9A-F-]{36}$/);

    const attachment = await attachmentOver('usb');
    await usbmux.savePairRecord(attachment.udid, encodePairRecord(record));
    const connection = await connectDevice(usbmux, attachment);
    expect(await connection.lockdown.value('PasswordProtected')).toBe(false);
    connection.close();
  });

  test('is over when the owner declines', async () => {
    const { pairing } = await startPairing();
    await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['tap-trust']);
    phone().owner.tapDeny();
    await settled(pairing);
    await expect(pairing).rejects.toMatchObject({ code: 'lockdown.trust-denied' });
  });

  test('asks to unlock first, then to tap', async () => {
    phone().lock();
    const { pairing } = await startPairing();
    await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['unlock']);
    phone().unlock();
    await passTimeUntil(() => waits.length === 2);
    expect(waits).toEqual(['unlock', 'tap-trust']);
    phone().owner.tapDeny();
    await settled(pairing);
  });

  test('gives up after three minutes, not before, and says what it waited for', async () => {
    const { pairing } = await startPairing();
    const began = clock.now().getTime();
    await settled(pairing);
    await expect(pairing).rejects.toMatchObject({ code: 'lockdown.trust-pending' });
    expect(clock.now().getTime() - began).toBeGreaterThanOrEqual(180_000);
  });

  test('gives up on a phone that stays locked', async () => {
    phone().lock();
    const { pairing } = await startPairing();
    await settled(pairing);
    await expect(pairing).rejects.toMatchObject({ code: 'lockdown.locked' });
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const { pairing } = await startPairing({ signal: stop.signal });
    await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['tap-trust']);
    stop.abort(new Error('enough'));
    await expect(pairing).rejects.toThrow('enough');
  });

  test('needs a cable', async () => {
    phone().presence.setOnWifi(true);
    const { pairing } = await startPairing({ connection: 'wifi' });
    await expect(pairing).rejects.toMatchObject({ code: 'lockdown.pairing-needs-cable' });
  });

  test('reports a phone that goes away', async () => {
    const { pairing } = await startPairing();
    await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['tap-trust']);
    phone().presence.setPlugged(false);
    await settled(pairing);
    await expect(pairing).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });
});

describe('pairing with a phone that', () => {
  const DevicePublicKey = () => Buffer.from(deviceKey.publicPem);
  const answering = (answer: (request: string) => Record<string, string | Uint8Array>) =>
    scriptedLockdown(({ Request, Key }) => answer(String(Request === 'GetValue' ? Key : Request)));

  test('belongs to an organisation is refused', async () => {
    const { lockdown } = answering((what) => {
      if (what === 'Pair') return { Error: 'MCChallengeRequired' };
      return what === 'DevicePublicKey' ? { Value: DevicePublicKey() } : { Error: 'MissingValue' };
    });
    await expect(pair(lockdown, { systemBuid: 'BUID' })).rejects.toMatchObject({
      code: 'lockdown.pairing-prohibited',
    });
  });

  test('has no public key, or one that is none, is not possible', async () => {
    for (const value of [{ Error: 'MissingValue' }, { Value: 'text' }, { Value: Buffer.from('no key') }]) {
      const { lockdown } = answering(() => value);
      await expect(pair(lockdown, { systemBuid: 'BUID' })).rejects.toMatchObject({
        code: 'lockdown.no-public-key',
      });
    }
  });

  test('gives no escrow bag is possible, as with watches', async () => {
    const { lockdown } = answering((what) =>
      what === 'DevicePublicKey' ? { Value: DevicePublicKey() } : {},
    );
    expect((await pair(lockdown, { systemBuid: 'BUID' })).escrowBag).toBeUndefined();
  });

  test('is never told a private key', async () => {
    const { lockdown, requests } = answering((what) =>
      what === 'DevicePublicKey' ? { Value: DevicePublicKey() } : {},
    );
    await pair(lockdown, { systemBuid: 'BUID', hostName: 'a test' });
    const asked = requests.find(({ Request }) => Request === 'Pair');
    expect(Object.keys(asDict(asked?.['PairRecord']) ?? {}).sort()).toEqual([
      'DeviceCertificate',
      'HostCertificate',
      'HostID',
      'RootCertificate',
      'SystemBUID',
    ]);
    expect(asked).toMatchObject({ HostName: 'a test', ProtocolVersion: '2' });
  });
});
