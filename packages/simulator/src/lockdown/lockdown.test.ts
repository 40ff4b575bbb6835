import { asDict, encodeBinaryPlist } from '@rootcellar/codecs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Simulator } from '../simulate.ts';
import { type RunningPhoneOptions, startPhone } from '../testing/running-phone.ts';
import { lockdownClient } from '../testing/wire-client.ts';

let simulator: Simulator;

afterEach(() => simulator.close());

async function start(options?: RunningPhoneOptions): Promise<void> {
  ({ simulator } = await startPhone(options));
}

describe('lockdown without a session', () => {
  it('says what it is and repeats the name of the request', async () => {
    await start();
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request({ Request: 'QueryType' })).toEqual({
      Request: 'QueryType',
      Type: 'com.apple.mobile.lockdown',
    });
    lockdown.close();
  });

  it('tells strangers its public key as PKCS#1 and little else', async () => {
    await start();
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
    await start();
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(request)).toMatchObject({ Error: error });
    expect(await lockdown.request({ Request: 'QueryType' })).toHaveProperty('Type');
    lockdown.close();
  });

  it('lets a stranger announce itself, as usbmuxd does', async () => {
    await start();
    const lockdown = await lockdownClient(simulator);
    const answer = await lockdown.request({ Request: 'SetValue', Key: 'UntrustedHostBUID', Value: 'A-B' });
    expect(answer['Error']).toBeUndefined();
    lockdown.close();
  });

  it('reads binary requests too', async () => {
    await start();
    const lockdown = await lockdownClient(simulator);
    const message = encodeBinaryPlist({ Request: 'QueryType' });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    await lockdown.channel.write(Buffer.concat([length, message]));
    expect(await lockdown.receive()).toHaveProperty('Type');
    lockdown.close();
  });

  it.each([0, 4 * 1024 * 1024 + 1, 0xffffffff])('closes at a message of %i bytes', async (size) => {
    await start();
    const lockdown = await lockdownClient(simulator);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(size);
    await lockdown.channel.write(length);
    expect(await lockdown.channel.read(1)).toHaveLength(0);
  });
});
