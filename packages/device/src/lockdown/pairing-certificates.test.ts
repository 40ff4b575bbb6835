import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { makePairingCertificates, type PairingCertificates } from './pairing-certificates.ts';

const NOW = new Date('2026-05-03T10:00:00Z');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const phone = generateKeyPairSync('rsa', { modulusLength: 2048 });
const phonePem = Buffer.from(phone.publicKey.export({ type: 'pkcs1', format: 'pem' }));

let made: PairingCertificates;
let root: X509Certificate;
let host: X509Certificate;
let device: X509Certificate;

beforeAll(async () => {
  made = await makePairingCertificates(phonePem, NOW);
  root = new X509Certificate(Buffer.from(made.rootCertificate));
  host = new X509Certificate(Buffer.from(made.hostCertificate));
  device = new X509Certificate(Buffer.from(made.deviceCertificate));
});

const hexOf = (certificate: X509Certificate) => certificate.raw.toString('hex');

describe('the certificates of a pairing', () => {
  test('are PEM text with lines of 64 columns', () => {
    for (const pem of [made.rootCertificate, made.hostCertificate, made.deviceCertificate]) {
      const lines = Buffer.from(pem).toString('ascii').split('\n');
      expect(lines[0]).toBe('-----BEGIN CERTIFICATE-----');
      expect(lines.at(-2)).toBe('-----END CERTIFICATE-----');
      expect(lines.at(-1)).toBe('');
      expect(lines.slice(1, -3).every((line) => line.length === 64)).toBe(true);
      expect(lines.at(-3)?.length).toBeGreaterThan(0);
      expect(lines.at(-3)?.length).toBeLessThanOrEqual(64);
    }
  });

  test('are all signed by the root', () => {
    for (const certificate of [root, host, device]) expect(certificate.verify(root.publicKey)).toBe(true);
    expect(host.verify(host.publicKey)).toBe(false);
  });

  test('carry the keys of the phone and of this computer', () => {
    expect(device.publicKey.equals(phone.publicKey)).toBe(true);
    expect(host.checkPrivateKey(createPrivateKey(Buffer.from(made.hostPrivateKey)))).toBe(true);
    expect(root.checkPrivateKey(createPrivateKey(Buffer.from(made.rootPrivateKey)))).toBe(true);
    expect(host.publicKey.equals(root.publicKey)).toBe(false);
    expect(Buffer.from(made.hostPrivateKey).toString()).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  test('have empty names, serial number 1, and are valid from a minute ago for ten years', () => {
    for (const certificate of [root, host, device]) {
      expect(certificate.subject ?? '').toBe('');
      expect(certificate.issuer ?? '').toBe('');
      expect(certificate.serialNumber).toBe('01');
      expect(new Date(certificate.validFrom)).toEqual(new Date('2026-05-03T09:59:00Z'));
      expect(new Date(certificate.validTo)).toEqual(new Date('2036-04-30T10:00:00Z'));
    }
  });

  test('have the extensions that phones were seen to accept, and no others', () => {
    const authority = '0603551d130101ff040530030101ff';
    const noAuthority = '0603551d130101ff04023000';
    const usage = '0603551d0f0101ff0404030205a0';
    const identifier = createHash('sha1')
      .update(phone.publicKey.export({ type: 'pkcs1', format: 'der' }))
      .digest('hex');
    expect(hexOf(root)).toContain(authority);
    expect(hexOf(root)).not.toContain('0603551d0f');
    for (const certificate of [host, device]) {
      expect(hexOf(certificate)).toContain(noAuthority);
      expect(hexOf(certificate)).toContain(usage);
    }
    expect(hexOf(host)).not.toContain('0603551d0e');
    expect(hexOf(device)).toContain(`0603551d0e04160414${identifier}`);
    expect([root.ca, host.ca, device.ca]).toEqual([true, false, false]);
  });

  test('can still be made when ten years from now are after 2049', async () => {
    const late = await makePairingCertificates(phonePem, new Date('2045-01-01T00:00:00Z'));
    const certificate = new X509Certificate(Buffer.from(late.deviceCertificate));
    expect(new Date(certificate.validTo).getUTCFullYear()).toBe(2054);
  });

  test.skipIf(!hasOpenssl)('say the same to openssl', () => {
    const text = (pem: Uint8Array) =>
      execFileSync('openssl', ['x509', '-text', '-noout'], { input: pem, encoding: 'utf8' });
    for (const pem of [made.rootCertificate, made.hostCertificate, made.deviceCertificate]) {
      expect(text(pem)).toMatch(/Version: 3 \(0x2\)/);
      expect(text(pem)).toMatch(/Serial Number: 1 \(0x1\)/);
      expect(text(pem)).toMatch(/Signature Algorithm: sha256WithRSAEncryption/);
      expect(text(pem)).toMatch(/Issuer: *\n/);
      expect(text(pem)).toMatch(/Subject: *\n/);
      expect(text(pem)).toMatch(/X509v3 Basic Constraints: critical/);
    }
    expect(text(made.rootCertificate)).toMatch(/CA:TRUE/);
    expect(text(made.deviceCertificate)).toMatch(
      /X509v3 Key Usage: critical\s+Digital Signature, Key Encipherment/,
    );
    expect(text(made.deviceCertificate)).toMatch(/X509v3 Subject Key Identifier: *\n/);
  });

  test.each([
    ['nothing', ''],
    ['nonsense', 'Ann'],
    ['an empty key', '-----BEGIN RSA PUBLIC KEY-----\n-----END RSA PUBLIC KEY-----\n'],
    [
      'a key of another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    ],
  ])('cannot be made from %s', async (_, pem) => {
    await expect(makePairingCertificates(Buffer.from(pem), NOW)).rejects.toMatchObject({
      code: 'lockdown.no-public-key',
    });
  });
});
