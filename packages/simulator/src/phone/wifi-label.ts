import { seededRandom } from '@rootcellar/core';
import type { SystemBehaviour } from '../devices/system-behaviour.ts';
import type { PhoneIdentity } from './phone.ts';

/**
 * How a phone calls itself in its Wi-Fi advertisement: an address, and where it is.
 *
 * Source: observed, section 6. All six octets of a private address differ from the true one (27.2).
 *
 * @param boots how often the phone has started: a rotating address is another one each time
 */
export function wifiLabel(identity: PhoneIdentity, behaviour: SystemBehaviour, boots: number): string {
  return `${addressShown(identity, behaviour, boots)}@fe80::1`;
}

function addressShown(
  { udid, wifiAddress }: PhoneIdentity,
  { wifiLabel: kind }: SystemBehaviour,
  boots: number,
): string {
  if (kind === 'own-address') return wifiAddress;
  const seed = kind === 'rotating-address' ? `private/${udid}/${boots}` : `private/${udid}`;
  const octets = [...seededRandom(seed).bytes(6)];
  // Locally administered, for one receiver. Source: IEEE 802, section 8.2.
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}
