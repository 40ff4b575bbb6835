import { X509Certificate } from 'node:crypto';
import type { DeviceKey } from '../phone/device-key.ts';

/** PEM texts a computer sends; a certificate of ours has about 1 KiB. Our limit. */
const CERTIFICATE_BYTES_MAX = 16 * 1024;

/**
 * Are these the three certificates of a pairing with this phone? Phones are tolerant about serial
 * numbers, names and extensions, so only what matters is looked at: that they can be read, that the
 * device certificate holds the phone's own key, and that the root signed it.
 *
 * Ordinary path validation cannot be used: subjects and issuers are empty.
 *
 * Source: device-protocols, section 3.4 (variations seen working on real phones).
 */
export function arePairingCertificates(
  record: {
    readonly rootCertificate: Uint8Array;
    readonly hostCertificate: Uint8Array;
    readonly deviceCertificate: Uint8Array;
  },
  deviceKey: DeviceKey,
): boolean {
  const root = readCertificate(record.rootCertificate);
  const host = readCertificate(record.hostCertificate);
  const device = readCertificate(record.deviceCertificate);
  if (!root || !host || !device) return false;
  try {
    return device.checkPrivateKey(deviceKey.privateKey) && device.verify(root.publicKey);
  } catch {
    return false;
  }
}

/** Is the certificate shown in a handshake one of those the pair record names? */
export function isOneOf(shown: X509Certificate | undefined, expected: readonly Uint8Array[]): boolean {
  if (!shown) return false;
  return expected.some((pem) => readCertificate(pem)?.raw.equals(shown.raw) ?? false);
}

function readCertificate(pem: Uint8Array): X509Certificate | undefined {
  if (pem.length > CERTIFICATE_BYTES_MAX) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
