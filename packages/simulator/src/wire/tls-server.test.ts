import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { expect, it } from 'vitest';
import { makeDeviceKey } from '../phone/device-key.ts';
import { makeTestHost } from '../testing/pairing.ts';
import { serveTls } from './tls-server.ts';

const CLIENT_HELLO_BEGINS = Buffer.from('160301', 'hex');

async function identity() {
  const key = await makeDeviceKey();
  const host = makeTestHost(key.publicPem);
  return {
    privateKey: key.privateKey,
    certificate: host.deviceCertificate,
    accepted: [host.hostCertificate],
    versionMax: 'TLSv1.2',
  } as const;
}

it('somebody who hangs up in the middle of a handshake is let go at once', async () => {
  const [ours, theirs] = duplexPair();
  const serving = serveTls(ours, await identity());
  theirs.end(CLIENT_HELLO_BEGINS);
  await expect(serving).rejects.toMatchObject({ code: 'simulator.tls-failed' });
  expect(ours.destroyed).toBe(true);
});

it('somebody who has hung up before is let go at once', async () => {
  const [ours, theirs] = duplexPair();
  theirs.end();
  ours.resume();
  await once(ours, 'end');
  await expect(serveTls(ours, await identity())).rejects.toMatchObject({ code: 'simulator.tls-failed' });
  expect(ours.destroyed).toBe(true);
});
