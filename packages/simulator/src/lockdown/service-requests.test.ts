import { manualClock } from '@rootcellar/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { Simulator } from '../simulate.ts';
import type { TestHost } from '../testing/pairing.ts';
import { type RunningPhoneOptions, startPhone, startTrustedPhone } from '../testing/running-phone.ts';
import {
  connectTo,
  lockdownClient,
  messageClient,
  openService,
  openSession,
  tlsOver,
} from '../testing/wire-client.ts';

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
    await start();
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
