import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Secret } from '@rootcellar/core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PairRecord } from './pair-record.ts';
import { makePairingCertificates } from './pairing-certificates.ts';
import { secureConnection } from './secure-connection.ts';

const phoneKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const phoneKeyPem = phoneKey.privateKey.export({ type: 'pkcs8', format: 'pem' });
let record: PairRecord;

beforeAll(async () => {
  const pem = Buffer.from(phoneKey.publicKey.export({ type: 'pkcs1', format: 'pem' }));
  const made = await makePairingCertificates(pem, new Date());
  record = {
    ...made,
    hostID: 'HOST',
    systemBuid: 'BUID',
    hostPrivateKey: new Secret(made.hostPrivateKey),
    rootPrivateKey: new Secret(made.rootPrivateKey),
  };
});

/** A phone that accepts TLS with its certificate, or with another one. @returns our end */
function phone(
  options: {
    readonly cert?: Uint8Array;
    readonly key?: string | Uint8Array;
    readonly maxVersion?: 'TLSv1.2';
  } = {},
) {
  const [ours, theirs] = duplexPair();
  const { cert = record.deviceCertificate, key = phoneKeyPem, maxVersion = 'TLSv1.2' } = options;
  const server = new TLSSocket(theirs, {
    isServer: true,
    cert: Buffer.from(cert),
    key: Buffer.from(key),
    maxVersion,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('error', () => {});
  return { ours, server };
}

describe('a secure connection', () => {
  test('to the paired phone carries bytes both ways, and proves who we are', async () => {
    const { ours, server } = phone();
    const socket = await secureConnection(ours, record, { productVersion: '26.1' });
    const shown = server.getPeerX509Certificate();
    expect(shown?.raw).toEqual(new X509Certificate(Buffer.from(record.hostCertificate)).raw);
    socket.write('question');
    expect(String(await once(server, 'data'))).toBe('question');
    server.write('answer');
    expect(String(await once(socket, 'data'))).toBe('answer');
    socket.destroy();
  });

  test('to whoever has another key than the paired phone is refused, and closed', async () => {
    const { hostCertificate: cert, hostPrivateKey } = record;
    const { ours } = phone({ cert, key: hostPrivateKey.reveal() });
    await expect(secureConnection(ours, record)).rejects.toMatchObject({ code: 'lockdown.wrong-device-key' });
    expect(ours.destroyed).toBe(true);
  });

  test('fails when the phone hangs up', async () => {
    const [ours, theirs] = duplexPair();
    theirs.once('data', () => theirs.end());
    await expect(secureConnection(ours, record)).rejects.toMatchObject({
      code: 'lockdown.secure-connection-failed',
    });
    expect(ours.destroyed).toBe(true);
  });

  test('fails at once when the phone has hung up before', async () => {
    const [ours, theirs] = duplexPair();
    theirs.end();
    ours.resume();
    await once(ours, 'end');
    await expect(secureConnection(ours, record)).rejects.toMatchObject({
      code: 'lockdown.secure-connection-failed',
    });
    expect(ours.destroyed).toBe(true);
  });

  test('fails when the phone speaks something else', async () => {
    const [ours, theirs] = duplexPair();
    theirs.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    await expect(secureConnection(ours, record)).rejects.toMatchObject({
      code: 'lockdown.secure-connection-failed',
    });
    expect(ours.destroyed).toBe(true);
  });

  test('stops when it is told to, though the phone says nothing', async () => {
    const [ours] = duplexPair();
    const stop = new AbortController();
    const connecting = secureConnection(ours, record, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(connecting).rejects.toThrow('enough');
    expect(ours.destroyed).toBe(true);
  });

  test.each(['hostCertificate', 'deviceCertificate'] as const)(
    'needs a %s that can be read',
    async (name) => {
      const { ours } = phone();
      const damaged = { ...record, [name]: Buffer.from('not a certificate') };
      await expect(secureConnection(ours, damaged)).rejects.toMatchObject({
        code: 'lockdown.secure-connection-failed',
      });
      expect(ours.destroyed).toBe(true);
    },
  );

  test('needs a private key that can be read', async () => {
    const { ours } = phone();
    const damaged = { ...record, hostPrivateKey: new Secret(Buffer.from('not a key')) };
    await expect(secureConnection(ours, damaged)).rejects.toMatchObject({
      code: 'lockdown.secure-connection-failed',
    });
  });
});
