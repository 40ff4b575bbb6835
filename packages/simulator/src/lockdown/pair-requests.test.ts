import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { Simulator } from '../simulate.ts';
import { makeForeignKey, makeTestHost, type TestHost } from '../testing/pairing.ts';
import { type RunningPhoneOptions, startPhone, startTrustedPhone } from '../testing/running-phone.ts';
import { lockdownClient, openSession, pairRequest, pairWith } from '../testing/wire-client.ts';

let simulator: Simulator;
let phone: SimulatedPhone;
let host: TestHost;

afterEach(() => simulator.close());

async function start(options?: RunningPhoneOptions): Promise<void> {
  ({ simulator, phone, host } = await startPhone(options));
}

/** @returns the escrow bag */
async function startTrusted(options?: RunningPhoneOptions): Promise<Uint8Array> {
  const running = await startTrustedPhone(options);
  ({ simulator, phone, host } = running);
  return running.escrowBag;
}

describe('pairing', () => {
  it('asks the owner, keeps saying so, and gives an escrow bag once trusted', async () => {
    await start();
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
    await start({ owner: 'present' });
    const lockdown = await lockdownClient(simulator);
    const began = Date.now();
    expect(await pairWith(lockdown, host)).toHaveProperty('EscrowBag');
    expect(Date.now() - began).toBeLessThan(2000);
    lockdown.close();
  });

  it('gives the trust to the next HostID of the same computer, on a new connection', async () => {
    await start();
    const first = await lockdownClient(simulator);
    await first.request(pairRequest(host));
    first.close();
    phone.owner.tapTrust();
    await expect.poll(() => phone.owner.current?.kind).toBe('passcode');
    phone.owner.enterPasscode('123456');
    const second = await lockdownClient(simulator);
    const sameComputer = { ...makeTestHost(phone.deviceKey.publicPem), systemBUID: host.systemBUID };
    expect(await pairWith(second, sameComputer)).toHaveProperty('EscrowBag');
    expect(phone.trust.get(host.hostID)).toBeUndefined();
    second.close();
  });

  it('remembers a denial for that HostID and asks another one anew', async () => {
    await start();
    const lockdown = await lockdownClient(simulator);
    await lockdown.request(pairRequest(host));
    phone.owner.tapDeny();
    for (const _ of [1, 2]) {
      expect(await pairWith(lockdown, host)).toMatchObject({ Error: 'UserDeniedPairing' });
    }
    const retry = { ...makeTestHost(phone.deviceKey.publicPem), systemBUID: host.systemBUID };
    expect(await lockdown.request(pairRequest(retry))).toMatchObject({
      Error: 'PairingDialogResponsePending',
    });
    lockdown.close();
  });

  it('takes the question away with the cable, and asks again after', async () => {
    await start();
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
    await start();
    phone.lock();
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(pairRequest(host))).toMatchObject({ Error: 'PasswordProtected' });
    expect(phone.owner.current).toBeUndefined();
    lockdown.close();
  });

  it('is prohibited over Wi-Fi', async () => {
    await start();
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
        deviceCertificate: makeTestHost(phone.deviceKey.publicPem, { key: makeForeignKey() })
          .deviceCertificate,
      }),
    },
  ])('refuses a certificate $why', async ({ spoil }) => {
    await start();
    const lockdown = await lockdownClient(simulator);
    expect(await lockdown.request(pairRequest(spoil(host)))).toMatchObject({ Error: 'InvalidPairRecord' });
    lockdown.close();
  });

  it('accepts certificates signed with SHA-1, and serves TLS with them', async () => {
    await start();
    phone.condition.setUp = false;
    host = makeTestHost(phone.deviceKey.publicPem, { signature: 'sha1' });
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
