import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { asDict, encodeBinaryPlist } from '@rootcellar/codecs';
import { type ByteChannel, manualClock } from '@rootcellar/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DeviceKey, makeDeviceKey } from '../phone/device-key.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { Service } from '../services/service.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulate.ts';
import { makeForeignKey, makeTestHost, type TestHost } from '../testing/pairing.ts';
import {
  connectTo,
  lockdownClient,
  messageClient,
  openService,
  openSession,
  pairRequest,
  pairWith,
  tlsOver,
} from '../testing/wire-client.ts';

let deviceKey: DeviceKey;
let host: TestHost;
let simulator: Simulator;
let phone: SimulatedPhone;

beforeAll(async () => {
  deviceKey = await makeDeviceKey();
});
afterEach(() => simulator.close());

/** Echoes one message, and tells what it was given. */
const echo: Service = {
  name: 'test.echo',
  serve: async ({ channel, escrowUnlocked }) => {
    const bytes = await channel.readSome(100);
    await channel.write(Buffer.concat([bytes, Buffer.from(escrowUnlocked ? '!' : '.')]));
  },
};

async function start(
  owner: 'present' | 'absent',
  options: Omit<SimulatorOptions, 'phones'> & { readonly ios?: string } = {},
): Promise<void> {
  const { ios, ...rest } = options;
  simulator = await startSimulator({
    services: () => [echo, { ...echo, name: 'com.apple.mobilebackup2' }],
    phones: [{ deviceKey, owner, ios, profile: 'empty' }],
    ...rest,
  });
  const first = simulator.phones[0];
  if (!first) throw new Error('No phone was started');
  phone = first;
  host = makeTestHost(deviceKey.publicPem);
}

/** A phone that trusts `host` already. @returns the escrow bag */
async function startTrusted(options: Parameters<typeof start>[1] = {}): Promise<Uint8Array> {
  await start('absent', options);
  phone.condition.setUp = false; // A phone that says Hello trusts without asking.
  const lockdown = await lockdownClient(simulator);
  const answer = await pairWith(lockdown, host);
  lockdown.close();
  phone.condition.setUp = true;
  return answer['EscrowBag'] as Uint8Array;
}

describe('lockdown without a session', () => {
  it('says what it is and repeats the name of the request', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request({ Request: 'QueryType' })).toEqual({
      Request: 'QueryType',
      Type: 'com.apple.mobile.lockdown',
    });
    lockdown.close();
  });

  it('tells strangers its public key as PKCS#1 and little else', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    const get = (Key?: string, Domain?: string) => lockdown.request({ Request: 'GetValue', Key, Domain });
    const key = await get('DevicePublicKey');
    expect(Buffer.from(key['Value'] as Uint8Array).toString()).toMatch(/^-----BEGIN RSA PUBLIC KEY-----\n/);
    const all = asDict((await get())['Value']) ?? {};
    expect(Object.keys(all)).toContain('ProductVersion');
    expect(Object.keys(all)).not.toContain('SerialNumber');
    expect(await get('SerialNumber')).toEqual({ Error: 'GetProhibited', Request: 'GetValue' });
    expect(await get('WillEncrypt', 'com.apple.mobile.backup')).toMatchObject({ Error: 'GetProhibited' });
    expect(await get('MinITunesVersion', 'com.apple.mobile.iTunes')).toMatchObject({ Value: '12.10.10' });
    lockdown.close();
  });

  it.each([
    [{ Request: 'Dance' }, 'MalformedCommand'],
    [{}, 'MalformedCommand'],
    [{ Request: 'SetValue', Key: 'DeviceName', Value: 'x' }, 'SessionInactive'],
    [{ Request: 'RemoveValue', Key: 'DeviceName' }, 'SessionInactive'],
    [{ Request: 'SetValue', Value: 'x' }, 'MissingKey'],
    [{ Request: 'SetValue', Key: 'DeviceName' }, 'MissingValue'],
    [{ Request: 'StartService', Service: 'com.apple.afc' }, 'SessionInactive'],
    [{ Request: 'StartService' }, 'MissingService'],
    [{ Request: 'StopSession', SessionID: 'x' }, 'SessionInactive'],
    [{ Request: 'StartSession' }, 'MissingHostID'],
    [{ Request: 'StartSession', HostID: 'unheard of' }, 'InvalidHostID'],
    [{ Request: 'Pair' }, 'MissingPairRecord'],
    [{ Request: 'Pair', PairRecord: {} }, 'MissingHostID'],
    [{ Request: 'Pair', PairRecord: { HostID: 'x' } }, 'InvalidPairRecord'],
    [{ Request: 'ValidatePair', PairRecord: {} }, 'MissingHostID'],
    [{ Request: 'ValidatePair', PairRecord: { HostID: 'x' } }, 'InvalidHostID'],
    [{ Request: 'Unpair' }, 'MissingHostID'],
    [{ Request: 'Unpair', PairRecord: { HostID: 'x' } }, 'InvalidHostID'],
  ])('refuses %j with %s and goes on', async (request, error) => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(request)).toMatchObject({ Error: error });
    expect(await lockdown.request({ Request: 'QueryType' })).toHaveProperty('Type');
    lockdown.close();
  });

  it('lets a stranger announce itself, as usbmuxd does', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    const answer = await lockdown.request({ Request: 'SetValue', Key: 'UntrustedHostBUID', Value: 'A-B' });
    expect(answer['Error']).toBeUndefined();
    lockdown.close();
  });

  it('reads binary requests too', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    const message = encodeBinaryPlist({ Request: 'QueryType' });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    await lockdown.channel.write(Buffer.concat([length, message]));
    expect(await lockdown.receive()).toHaveProperty('Type');
    lockdown.close();
  });

  it.each([0, 4 * 1024 * 1024 + 1, 0xffffffff])('closes at a message of %i bytes', async (size) => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(size);
    await lockdown.channel.write(length);
    expect(await lockdown.channel.read(1)).toHaveLength(0);
  });
});

describe('pairing', () => {
  it('asks the owner, keeps saying so, and gives an escrow bag once trusted', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    const pending = { Error: 'PairingDialogResponsePending', Request: 'Pair' };
    expect(await lockdown.request(pairRequest(host))).toEqual(pending);
    expect(phone.owner.current).toEqual({ kind: 'trust', computer: 'a test' });
    expect(phone.owner.tapTrust()).toBe(true);
    expect(await lockdown.request(pairRequest(host))).toEqual(pending);
    expect(phone.owner.current).toEqual({ kind: 'passcode', reason: 'trust' });
    expect(phone.owner.enterPasscode('000000')).toBe('wrong');
    expect(await lockdown.request(pairRequest(host))).toEqual(pending);
    expect(phone.owner.enterPasscode('123456')).toBe('entered');
    const trusted = await pairWith(lockdown, host);
    expect(trusted['EscrowBag']).toHaveLength(32);
    expect(phone.trust.get(host.hostID)).toBeDefined();
    lockdown.close();
  });

  it('is answered within a second by an owner who is present', async () => {
    await start('present');
    const lockdown = await lockdownClient(simulator);
    const began = Date.now();
    expect(await pairWith(lockdown, host)).toHaveProperty('EscrowBag');
    expect(Date.now() - began).toBeLessThan(2000);
    lockdown.close();
  });

  it('gives the trust to the next HostID of the same computer, on a new connection', async () => {
    await start('absent');
    const first = await lockdownClient(simulator);
    await first.request(pairRequest(host));
    first.close();
    phone.owner.tapTrust();
    await expect.poll(() => phone.owner.current?.kind).toBe('passcode');
    phone.owner.enterPasscode('123456');
    const second = await lockdownClient(simulator);
    const sameComputer = { ...makeTestHost(deviceKey.publicPem), systemBUID: host.systemBUID };
    expect(await pairWith(second, sameComputer)).toHaveProperty('EscrowBag');
    expect(phone.trust.get(host.hostID)).toBeUndefined();
    second.close();
  });

  it('remembers a denial for that HostID and asks another one anew', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    await lockdown.request(pairRequest(host));
    phone.owner.tapDeny();
    for (const _ of [1, 2]) {
      expect(await pairWith(lockdown, host)).toMatchObject({ Error: 'UserDeniedPairing' });
    }
    const retry = { ...makeTestHost(deviceKey.publicPem), systemBUID: host.systemBUID };
    expect(await lockdown.request(pairRequest(retry))).toMatchObject({
      Error: 'PairingDialogResponsePending',
    });
    lockdown.close();
  });

  it('takes the question away with the cable, and asks again after', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    await lockdown.request(pairRequest(host));
    phone.presence.setPlugged(false);
    await expect.poll(() => phone.owner.current).toBeUndefined();
    phone.presence.setPlugged(true);
    const again = await lockdownClient(simulator);
    expect(await again.request(pairRequest(host))).toMatchObject({ Error: 'PairingDialogResponsePending' });
    again.close();
  });

  it('refuses while the phone is locked, before the owner sees anything', async () => {
    await start('absent');
    phone.lock();
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(pairRequest(host))).toMatchObject({ Error: 'PasswordProtected' });
    expect(phone.owner.current).toBeUndefined();
    lockdown.close();
  });

  it('is prohibited over Wi-Fi', async () => {
    await start('absent');
    phone.presence.setOnWifi(true);
    phone.presence.setPlugged(false);
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(pairRequest(host))).toMatchObject({
      Error: 'PairingProhibitedOverThisConnection',
    });
    lockdown.close();
  });

  it.each<{ readonly why: string; readonly spoil: (good: TestHost) => TestHost }>([
    { why: 'that is no certificate', spoil: (good) => ({ ...good, hostCertificate: Buffer.from('hello') }) },
    {
      why: 'with the key of another phone',
      spoil: (good) => ({ ...good, deviceCertificate: good.hostCertificate }),
    },
    {
      why: 'signed by another root',
      spoil: (good) => ({
        ...good,
        deviceCertificate: makeTestHost(deviceKey.publicPem, { key: makeForeignKey() }).deviceCertificate,
      }),
    },
  ])('refuses a certificate $why', async ({ spoil }) => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(pairRequest(spoil(host)))).toMatchObject({ Error: 'InvalidPairRecord' });
    lockdown.close();
  });

  it('accepts certificates signed with SHA-1, and serves TLS with them', async () => {
    await start('absent');
    phone.condition.setUp = false;
    host = makeTestHost(deviceKey.publicPem, { signature: 'sha1' });
    const lockdown = await lockdownClient(simulator);
    expect(await pairWith(lockdown, host)).toHaveProperty('EscrowBag');
    const { session } = await openSession(simulator, host);
    expect(await session.request({ Request: 'GetValue', Key: 'SerialNumber' })).toHaveProperty('Value');
    session.close();
    lockdown.close();
  });

  it('is forgotten by Unpair', async () => {
    await startTrusted();
    const lockdown = await lockdownClient(simulator);
    const PairRecord = { HostID: host.hostID };
    expect(await lockdown.request({ Request: 'ValidatePair', PairRecord })).toEqual({
      Request: 'ValidatePair',
    });
    expect(await lockdown.request({ Request: 'Unpair', PairRecord })).toEqual({ Request: 'Unpair' });
    expect(await lockdown.request({ Request: 'StartSession', HostID: host.hostID })).toMatchObject({
      Error: 'InvalidHostID',
    });
    lockdown.close();
  });
});

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
    const stranger = makeTestHost(deviceKey.publicPem, { key: makeForeignKey() });
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

describe('StartService', () => {
  it('opens a port in the ephemeral range for one connection', async () => {
    await startTrusted();
    const { session } = await openSession(simulator, host);
    const answer = await session.request({ Request: 'StartService', Service: 'test.echo' });
    expect(answer).toMatchObject({ EnableServiceSSL: true, Request: 'StartService', Service: 'test.echo' });
    const port = Number(answer['Port']);
    expect(port).toBeGreaterThanOrEqual(49152);
    const service = await tlsOver(await connectTo(simulator, port), host);
    service.write('hi');
    const reply = await new Promise((resolve) => service.once('data', resolve));
    expect(String(reply)).toBe('hi.');
    await expect(connectTo(simulator, port)).rejects.toThrow('answered with 3');
    service.destroy();
    session.close();
  });

  it('closes a port that nobody used for 30 seconds', async () => {
    const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
    await startTrusted({ clock });
    const { session } = await openSession(simulator, host);
    const start = async () =>
      Number((await session.request({ Request: 'StartService', Service: 'test.echo' }))['Port']);
    const [early, late] = [await start(), await start()];
    clock.advance(29_999);
    (await connectTo(simulator, early)).destroy();
    clock.advance(1);
    await expect(connectTo(simulator, late)).rejects.toThrow('answered with 3');
    session.close();
  });

  it('tells the service whether the escrow bag of the pairing came with it', async () => {
    const EscrowBag = await startTrusted();
    const service = await openService(simulator, host, 'com.apple.mobilebackup2', { EscrowBag });
    service.write('hi');
    expect(String(await new Promise((resolve) => service.once('data', resolve)))).toBe('hi!');
    service.destroy();
  });

  it('refuses what it does not know, a foreign escrow bag, and a sixth conversation', async () => {
    await startTrusted();
    const { session } = await openSession(simulator, host);
    const start = (Service: string, EscrowBag?: Uint8Array) =>
      session.request({ Request: 'StartService', Service, EscrowBag });
    expect(await start('com.apple.nonsense')).toMatchObject({ Error: 'InvalidService' });
    expect(await start('test.echo', new Uint8Array(32))).toMatchObject({ Error: 'EscrowLocked' });
    const open = [];
    for (let count = 0; count < 5; count += 1) open.push(await openService(simulator, host, 'test.echo'));
    expect(await start('test.echo')).toMatchObject({ Error: 'ServiceLimit' });
    for (const service of open) service.destroy();
    await expect.poll(() => start('test.echo')).toHaveProperty('Port');
    session.close();
  });

  it('shuts protected data until the first unlock after a restart', async () => {
    const EscrowBag = await startTrusted();
    const deviceWasGone = phone.restart();
    await expect(lockdownClient(simulator)).rejects.toThrow();
    await deviceWasGone;
    const { session } = await openSession(simulator, host);
    const start = (bag?: Uint8Array) =>
      session.request({ Request: 'StartService', Service: 'com.apple.mobilebackup2', EscrowBag: bag });
    expect(await start(EscrowBag)).toMatchObject({ Error: 'MissingValue' });
    expect(await start()).toMatchObject({ Error: 'PasswordProtected' });
    phone.unlock();
    expect(await start(EscrowBag)).toHaveProperty('Port');
    session.close();
  });

  it('serves AFC without TLS before iOS 13', async () => {
    await startTrusted({ ios: '12.1.4' });
    const { session } = await openSession(simulator, host);
    const answer = await session.request({ Request: 'StartService', Service: 'com.apple.afc' });
    expect(answer).not.toHaveProperty('EnableServiceSSL');
    const other = await session.request({ Request: 'StartService', Service: 'test.echo' });
    expect(other).toHaveProperty('EnableServiceSSL', true);
    session.close();
  });

  it('offers notifications to strangers, without TLS', async () => {
    await start('absent');
    const lockdown = await lockdownClient(simulator);
    const answer = await lockdown.request({
      Request: 'StartService',
      Service: 'com.apple.mobile.insecure_notification_proxy',
    });
    expect(answer).not.toHaveProperty('EnableServiceSSL');
    const service = messageClient(await connectTo(simulator, Number(answer['Port'])));
    expect(await service.request({ Command: 'Shutdown' })).toEqual({ Command: 'ProxyDeath' });
    lockdown.close();
  });
});
