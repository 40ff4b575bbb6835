import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { ByteChannel, manualClock } from '@rootcellar/core';
import { beforeAll, expect, it } from 'vitest';
import { StrictHost } from './backup-agent/test-bench/strict-host.ts';
import { readFaultText } from './faults/read-fault.ts';
import { type DeviceKey, makeDeviceKey } from './phone/device-key.ts';
import { startSimulator } from './simulate.ts';
import { makeTestHost, type TestHost } from './testing/pairing.ts';
import { lockdownClient, openService, openSession, pairWith } from './testing/wire-client.ts';

const NOW = new Date('2026-05-03T10:00:00Z');

let deviceKey: DeviceKey;
let host: TestHost;
beforeAll(async () => {
  deviceKey = await makeDeviceKey();
  host = makeTestHost(deviceKey.publicPem);
});

/** Everything the phone says to one computer that pairs, looks around and backs up twice; above TLS. */
async function conversation(
  seed: string,
  fault?: string,
): Promise<{ readonly bytes: number; readonly digest: string }> {
  const simulator = await startSimulator({
    clock: manualClock(NOW),
    phones: [{ seed, deviceKey, owner: 'absent' }],
  });
  const hash = createHash('sha256');
  let bytes = 0;
  const hear = (said: Uint8Array | string): void => {
    bytes += said.length;
    hash.update(said);
  };
  const [phone] = simulator.phones;
  if (!phone) throw new Error('No phone was started');
  if (fault !== undefined) phone.faults.arm(phone, readFaultText(fault));
  try {
    phone.condition.passcode = undefined;
    phone.condition.setUp = false;
    const lockdown = await lockdownClient(simulator);
    hear(JSON.stringify(await pairWith(lockdown, host)));
    lockdown.close();
    phone.condition.setUp = true;

    const { session, tls } = await openSession(simulator, host);
    tls.on('data', hear);
    await session.request({ Request: 'GetValue' });
    for (const Domain of ['com.apple.disk_usage', 'com.apple.mobile.wireless_lockdown']) {
      await session.request({ Request: 'GetValue', Domain });
    }
    await session.request({ Request: 'StartService', Service: 'com.apple.afc' });
    session.close();

    const computer = new StrictHost();
    for (let run = 0; run < 2; run += 1) {
      const stream: Duplex = await openService(simulator, host, 'com.apple.mobilebackup2');
      stream.on('data', hear);
      const channel = new ByteChannel(stream);
      await computer.run(channel, { MessageName: 'Backup', TargetIdentifier: phone.identity.udid });
      channel.destroy();
    }
  } finally {
    await simulator.close();
  }
  return { bytes, digest: hash.digest('hex') };
}

it('the same seed at the same time says the same to the last byte', async () => {
  const first = await conversation('one');
  expect(first.bytes).toBeGreaterThan(500_000);
  expect(await conversation('one')).toEqual(first);
  expect((await conversation('two')).digest).not.toBe(first.digest);
});

it('also while something goes wrong by chance', async () => {
  const fault = 'file-grows:times=20,seed=a';
  const first = await conversation('one', fault);
  expect(await conversation('one', fault)).toEqual(first);
  expect((await conversation('one', 'file-grows:times=20,seed=b')).digest).not.toBe(first.digest);
});
