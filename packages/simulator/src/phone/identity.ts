import { createHash } from 'node:crypto';
import { seededRandom } from '@rootcellar/core';
import type { Model } from '../devices/models.ts';
import type { System } from '../devices/systems.ts';
import type { PhoneIdentity } from './phone.ts';

/** Apple's serial numbers of ten characters use neither vowels nor digits that look like letters. */
const SERIAL_CHARACTERS = [...'CDFGHJKLMNPQRTVWXY234679'];
const SERIAL_LENGTH = 10;

const OWNERS = ['Ada', 'Bruno', 'Chiara', 'Dmitri', 'Elif', 'Farid', 'Grete', 'Hanako', 'Imre', 'Jonas'];

/**
 * Everything that makes one phone different from the next of its model: the same seed gives the same.
 */
export function makeIdentity(options: {
  readonly model: Model;
  readonly system: System;
  readonly seed: string;
}): PhoneIdentity {
  const { model, system, seed } = options;
  const random = seededRandom(`identity/${seed}`);
  const ecid = BigInt(`0x000${hex(random.bytes(7)).slice(1)}`);
  return {
    udid: udidOf(model, ecid),
    ecid,
    serialNumber: Array.from({ length: SERIAL_LENGTH }, () => random.pick(SERIAL_CHARACTERS)).join(''),
    productType: model.productType,
    productVersion: system.productVersion,
    buildVersion: system.buildVersion,
    deviceName: `${random.pick(OWNERS)}’s ${model.deviceClass}`,
    wifiAddress: macAddress(random.bytes(6)),
  };
}

/** Source: device-protocols, section 1.5 (serial numbers of 24 characters, with a dash after the eighth, or of 40). */
function udidOf({ chipID, udidForm }: Model, ecid: bigint): string {
  const digits = ecid.toString(16).padStart(16, '0');
  if (udidForm === 'forty-digits') return createHash('sha1').update(digits).digest('hex');
  return `${chipID.toString(16).padStart(8, '0')}-${digits}`.toUpperCase();
}

/** A globally administered unicast address: the two lowest bits of its first byte are clear. */
function macAddress(bytes: Uint8Array): string {
  const octets = [(bytes[0] ?? 0) & 0xfc, ...bytes.subarray(1)];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
