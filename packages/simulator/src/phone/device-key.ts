import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The key a phone proves itself with; it makes one when it first starts and keeps it. */
export interface DeviceKey {
  readonly privateKey: KeyObject;
  /** PEM of a PKCS#1 RSAPublicKey, the only form clients read. Source: interop, section 2. */
  readonly publicPem: string;
}

/** Phones since iOS 8 or so; older ones had 1024. Source: device-protocols, section 3.4. */
const KEY_BITS = 2048;

/** Takes 0.1 to 1 second. */
export async function makeDeviceKey(): Promise<DeviceKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  return deviceKeyOf(privateKey);
}

/** @param pem PKCS#8 */
export function deviceKeyFromPem(pem: string): DeviceKey {
  return deviceKeyOf(createPrivateKey(pem));
}

export function deviceKeyToPem({ privateKey }: DeviceKey): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function deviceKeyOf(privateKey: KeyObject): DeviceKey {
  const publicPem = createPublicKey(privateKey).export({ type: 'pkcs1', format: 'pem' }).toString();
  return { privateKey, publicPem };
}
