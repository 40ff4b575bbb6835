import { asDict, type PlistDict } from '@rootcellar/codecs';
import { manualClock } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestHost } from '../testing/pairing.ts';
import { type RunningPhone, startTrustedPhone } from '../testing/running-phone.ts';
import {
  lockdownClient,
  type MessageClient,
  messageClient,
  muxClient,
  openService,
  pairRequest,
} from '../testing/wire-client.ts';

const clock = manualClock(new Date('2026-05-03T10:00:00Z'));

let running: RunningPhone;
let host: TestHost;
beforeEach(async () => {
  running = await startTrustedPhone({ clock });
  host = running.host;
});
afterEach(() => running.simulator.close());

async function listed(): Promise<readonly PlistDict[]> {
  const client = await muxClient(running.simulator);
  const { DeviceList } = await client.request({ MessageType: 'ListDevices' });
  client.close();
  return (DeviceList as readonly PlistDict[]).map((device) => asDict(device['Properties']) ?? {});
}

describe('a phone in the network of the computer', () => {
  it('is there twice while its cable is plugged in, with an address and a label', async () => {
    const { phone } = running;
    phone.presence.setOnWifi(true);
    const [usb, network] = await listed();
    expect(usb).toMatchObject({
      ConnectionType: 'USB',
      SerialNumber: phone.identity.udid,
      ProductID: 0x12a8,
    });
    expect(network).toMatchObject({ ConnectionType: 'Network', SerialNumber: phone.identity.udid });
    expect(network?.['EscapedFullServiceName']).toBe(`${phone.wifiLabel}._apple-mobdev2._tcp.local.`);
    expect(network?.['NetworkAddress']).toHaveLength(16);
    phone.presence.setPlugged(false);
    expect(await listed()).toMatchObject([{ ConnectionType: 'Network' }]);
  });

  it('refuses to pair', async () => {
    running.phone.presence.setOnWifi(true);
    running.phone.presence.setPlugged(false);
    const lockdown = await lockdownClient(running.simulator);
    expect(await lockdown.request(pairRequest(host))).toMatchObject({
      Error: 'PairingProhibitedOverThisConnection',
    });
    lockdown.close();
  });
});

describe('services over the network', () => {
  let service: MessageClient;
  let heart: MessageClient;
  beforeEach(async () => {
    running.phone.presence.setOnWifi(true);
    running.phone.presence.setPlugged(false);
    heart = messageClient(await openService(running.simulator, host, 'com.apple.mobile.heartbeat'));
    service = messageClient(
      await openService(running.simulator, host, 'com.apple.mobile.notification_proxy'),
    );
  });

  const isClosed = async (): Promise<boolean> => (await service.channel.read(1)).length === 0;

  it('end when the computer does not answer the heartbeat', async () => {
    clock.advance(24_000);
    expect(service.channel.closed).toBe(false);
    clock.advance(2_000);
    expect(await isClosed()).toBe(true);
  });

  it('go on as long as it does', async () => {
    for (let beats = 0; beats < 6; beats += 1) {
      expect(await heart.receive()).toMatchObject({ Command: 'Marco' });
      await heart.send({ Command: 'Polo' });
      // The answer has to arrive before time goes on.
      await new Promise((resolve) => setTimeout(resolve, 30));
      clock.advance(10_000);
    }
    expect(service.channel.closed).toBe(false);
    heart.close();
    clock.advance(26_000);
    expect(await isClosed()).toBe(true);
  });
});

describe('services over the cable', () => {
  it('need no heartbeat', async () => {
    const service = messageClient(
      await openService(running.simulator, host, 'com.apple.mobile.notification_proxy'),
    );
    clock.advance(3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(service.channel.closed).toBe(false);
    service.close();
  });
});
