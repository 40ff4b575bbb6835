import { type Clock, manualClock } from '@rootcellar/core';
import { type Simulator, startSimulator } from '@rootcellar/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDevice, type DeviceConnection, openLockdown } from '../../lockdown/device-connection.ts';
import { pair } from '../../lockdown/pair.ts';
import { encodePairRecord } from '../../lockdown/pair-record.ts';
import { parseUsbmuxAddress } from '../../usbmux/address.ts';
import { usbmuxClient } from '../../usbmux/usbmux.ts';
import { AFC_SERVICE } from '../afc/afc.ts';
import { NOTIFICATION_PROXY_SERVICE } from '../notification-proxy/notification-proxy.ts';
import type { OwnerEvent } from './owner-events.ts';
import { takeSyncLock } from './sync-lock.ts';

let simulator: Simulator;
let connection: DeviceConnection;
let clock: Clock & { advance(ms: number): void };
let events: OwnerEvent[];
const posted: string[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ phones: [{ profile: 'empty', owner: 'present' }] });
  const usbmux = usbmuxClient(parseUsbmuxAddress(simulator.tcp));
  const [device] = await usbmux.listDevices();
  if (device === undefined) throw new Error('No phone');
  const lockdown = await openLockdown(usbmux, device.attachments[0]);
  const record = await pair(lockdown, { systemBuid: await usbmux.readBuid() });
  lockdown.close();
  await usbmux.savePairRecord(device.udid, encodePairRecord(record));
  connection = await connectDevice(usbmux, device.attachments[0]);
  simulator.phones[0]?.notifications.listen((name) => posted.push(name));
});
beforeEach(() => {
  clock = manualClock(new Date(0));
  events = [];
  posted.length = 0;
});
afterAll(async () => {
  connection.close();
  await simulator.close();
});

const take = (signal?: AbortSignal) =>
  takeSyncLock({
    openAfc: () => connection.openService(AFC_SERVICE),
    openNotificationProxy: () => connection.openService(NOTIFICATION_PROXY_SERVICE),
    onOwner: (event) => events.push(event),
    clock,
    signal,
  });

describe('the lock of a sync', () => {
  test('tells the phone when it begins, when it holds and when it is over', async () => {
    const lock = await take();
    await lock.release();
    const about = (name: string) => `com.apple.itunes-mobdev.${name}`;
    await expect
      .poll(() => posted)
      .toEqual(['syncWillStart', 'syncLockRequest', 'syncDidStart', 'syncDidFinish'].map(about));
  });

  test('tells what the owner does meanwhile', async () => {
    const lock = await take();
    for (const name of [
      'com.apple.LocalAuthentication.ui.presented',
      'com.apple.LocalAuthentication.ui.dismissed',
      'com.apple.itunes-client.syncCancelRequest',
      'com.apple.mobile.something.else',
    ]) {
      simulator.phones[0]?.notifications.post(name);
    }
    await expect.poll(() => events).toEqual(['passcode-wanted', 'passcode-done', 'cancelled']);
    await lock.release();
  });

  test('that another program holds is waited for ten seconds, and then busy', async () => {
    const lock = await take();
    const outcome = take().catch((error: unknown) => error);
    let isOver = false;
    void outcome.then(() => {
      isOver = true;
    });
    const began = clock.now().getTime();
    await expect
      .poll(
        () => {
          clock.advance(200);
          return isOver;
        },
        { interval: 5, timeout: 15_000 },
      )
      .toBe(true);
    expect(await outcome).toMatchObject({ code: 'afc.busy' });
    expect(clock.now().getTime() - began).toBeGreaterThanOrEqual(10_000);
    await lock.release();
  });

  test('is free again when it was given back', async () => {
    await (await take()).release();
    await (await take()).release();
  });

  test('is not waited for any longer when that is told', async () => {
    const lock = await take();
    const stop = new AbortController();
    const outcome = take(stop.signal);
    outcome.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort(new Error('enough'));
    await expect(outcome).rejects.toThrow('enough');
    await lock.release();
  });

  test('is given back without complaint to a phone that is gone', async () => {
    const lock = await take();
    simulator.phones[0]?.presence.setPlugged(false);
    await lock.release();
    simulator.phones[0]?.presence.setPlugged(true);
  });
});
