import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { ByteChannel } from '@rootcellar/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { Simulator } from '../simulate.ts';
import { makeForeignKey, makeTestHost, type TestHost } from '../testing/pairing.ts';
import { type RunningPhoneOptions, startTrustedPhone } from '../testing/running-phone.ts';
import { lockdownClient, messageClient, openSession, tlsOver } from '../testing/wire-client.ts';

let simulator: Simulator;
let phone: SimulatedPhone;
let host: TestHost;

afterEach(() => simulator.close());

/** @returns the escrow bag */
async function startTrusted(options?: RunningPhoneOptions): Promise<Uint8Array> {
  const running = await startTrustedPhone(options);
  ({ simulator, phone, host } = running);
  return running.escrowBag;
}

describe('a session', () => {
  it('is TLS 1.2 with the device certificate of the pairing', async () => {
    await startTrusted();
    const { tls, session } = await openSession(simulator, host);
    expect(tls.getProtocol()).toBe('TLSv1.2');
    expect(tls.getPeerX509Certificate()?.raw).toEqual(new X509Certificate(host.deviceCertificate).raw);
    session.close();
  });

  it('accepts the root certificate as well as the host certificate, and no other', async () => {
    await startTrusted();
    const open = async (presented: TestHost, certificate: Uint8Array) => {
      const plain = await lockdownClient(simulator);
      await plain.request({ Request: 'StartSession', HostID: host.hostID });
      const session = messageClient(await tlsOver(plain.channel.release() as never, presented, certificate));
      const answer = await session.request({ Request: 'QueryType' }).catch(() => 'closed');
      session.close();
      return answer;
    };
    expect(await open(host, host.rootCertificate)).toHaveProperty('Type');
    expect(await open(host, host.hostCertificate)).toHaveProperty('Type');
    const stranger = makeTestHost(phone.deviceKey.publicPem, { key: makeForeignKey() });
    expect(await open(stranger, stranger.hostCertificate)).toBe('closed');
  });

  it('reads and changes values', async () => {
    await startTrusted();
    const { session } = await openSession(simulator, host);
    const get = async (Key?: string, Domain?: string) =>
      session.request({ Request: 'GetValue', Key, Domain, Label: 'test' });
    expect(await get('ProductType')).toEqual({
      Key: 'ProductType',
      Request: 'GetValue',
      Value: 'iPhone15,2',
    });
    expect(await get('Nonsense')).toMatchObject({ Error: 'MissingValue' });
    expect((await get(undefined, 'com.apple.nonsense'))['Value']).toEqual({});

    const names: string[] = [];
    phone.notifications.listen((name) => names.push(name));
    await session.request({ Request: 'SetValue', Key: 'DeviceName', Value: 'Pomme' });
    expect((await get('DeviceName'))['Value']).toBe('Pomme');
    expect(phone.identity.deviceName).toBe('Pomme');
    expect(names).toEqual(['com.apple.mobile.lockdown.device_name_changed']);
    const set = await session.request({ Request: 'SetValue', Key: 'SerialNumber', Value: 'X' });
    expect(set).toMatchObject({ Error: 'SetProhibited' });
    const removed = await session.request({ Request: 'RemoveValue', Key: 'SerialNumber' });
    expect(removed).toMatchObject({ Error: 'RemoveProhibited' });

    const wireless = 'com.apple.mobile.wireless_lockdown';
    const wifi = { Domain: wireless, Key: 'EnableWifiConnections' };
    expect(await get('EnableWifiConnections', wireless)).toMatchObject({ Error: 'MissingValue' });
    phone.lock();
    expect(await session.request({ Request: 'SetValue', ...wifi, Value: true })).toMatchObject({
      Error: 'PasswordProtected',
    });
    phone.unlock();
    await session.request({ Request: 'SetValue', ...wifi, Value: true });
    expect((await get('EnableWifiConnections', wireless))['Value']).toBe(true);
    await session.request({ Request: 'RemoveValue', ...wifi });
    expect(await get('EnableWifiConnections', wireless)).toMatchObject({ Error: 'MissingValue' });
    session.close();
  });

  it('tells Find My only by its key, and the free space as it is', async () => {
    await startTrusted();
    const { session } = await openSession(simulator, host);
    const value = async (Domain: string, Key?: string) =>
      (await session.request({ Request: 'GetValue', Domain, Key }))['Value'];
    phone.condition.findMy = true;
    expect(await value('com.apple.fmip')).toEqual({});
    expect(await value('com.apple.fmip', 'IsAssociated')).toBe(true);
    const before = Number(await value('com.apple.disk_usage', 'TotalDataAvailable'));
    phone.files.writeFile('/var/mobile/big', new Uint8Array(1_000_000));
    expect(await value('com.apple.disk_usage', 'TotalDataAvailable')).toBe(before - 1_000_000);
    expect(await value('com.apple.disk_usage', 'TotalDiskCapacity')).toBe(128_000_000_000);
    expect(await value('com.apple.mobile.backup', 'WillEncrypt')).toBeUndefined();
    phone.lock();
    expect(await value('', 'PasswordProtected')).toBe(true);
    session.close();
  });

  it('refuses a second one on the same connection, and a foreign identifier at its end', async () => {
    await startTrusted();
    const { session, id } = await openSession(simulator, host);
    const again = await session.request({ Request: 'StartSession', HostID: host.hostID });
    expect(again).toMatchObject({ Error: 'SessionActive' });
    expect(await session.request({ Request: 'StopSession' })).toMatchObject({ Error: 'MissingSessionID' });
    const foreign = await session.request({ Request: 'StopSession', SessionID: `${id}0` });
    expect(foreign).toMatchObject({ Error: 'InvalidSessionID' });
    session.close();
  });

  it('goes on in plain text on the same connection after StopSession', async () => {
    await startTrusted();
    const plain = await lockdownClient(simulator);
    const { SessionID } = await plain.request({ Request: 'StartSession', HostID: host.hostID });
    const raw = plain.channel.release();
    const below = passThrough(raw);
    const tls = await tlsOver(below as Socket, host);
    const session = messageClient(tls);
    expect(await session.request({ Request: 'StopSession', SessionID })).toEqual({ Request: 'StopSession' });
    session.channel.release().end(); // Says close_notify; `below` keeps the connection open.
    await new Promise((resolve) => below.once('finish', resolve));

    raw.removeAllListeners('data');
    const after = messageClient(raw as Socket);
    await after.send({ Request: 'QueryType' });
    const length = await firstPlainBytes(after.channel);
    const answer = await after.channel.readExactly(length.readUInt32BE());
    expect(Buffer.from(answer).toString()).toContain('com.apple.mobile.lockdown');
    expect(await after.request({ Request: 'GetValue', Key: 'SerialNumber' })).toMatchObject({
      Error: 'GetProhibited',
    });
    after.close();
  });
});

/** Four bytes that are no TLS record: the phone's close_notify may come before them. */
async function firstPlainBytes(channel: ByteChannel): Promise<Buffer> {
  for (;;) {
    const bytes = Buffer.from(await channel.readExactly(4));
    if (bytes.readUInt8() < 20) return bytes;
    const [low = 0] = await channel.readExactly(1);
    await channel.readExactly((bytes.readUInt8(3) << 8) | low);
  }
}

/** Stands between TLS and a connection that is to survive it. */
function passThrough(raw: Duplex): Duplex {
  const below = new Duplex({
    read: () => {},
    write: (chunk, _encoding, done) => void raw.write(chunk, done),
    final: (done) => done(),
  });
  raw.on('data', (chunk) => below.push(chunk));
  raw.resume();
  return below;
}
