import type { Device } from '@rootcellar/api';
import type { Catalogue } from '../../words/catalogue.ts';

/** The sentence beside a button that cannot be pressed now; none if it can. */
export function whyNoBackup(device: Device, words: Catalogue['device']): string | undefined {
  if (device.ownedBy === 'somebody-else') return words.whyNotYours;
  if (!device.isConnected) return words.whyNotConnected;
  return whyNotNow(device, words) ?? (device.isSetUp === false ? words.whyNotSetUp : undefined);
}

/** The same beside what begins a restore. */
export function whyNoRestore(
  device: Device,
  words: Pick<Catalogue, 'device' | 'restore'>,
): string | undefined {
  return device.isConnected ? whyNotNow(device, words.device) : words.restore.notConnected;
}

function whyNotNow(device: Device, words: Catalogue['device']): string | undefined {
  if (device.job !== null) return words.whyBusy;
  if (device.trust !== 'trusted' && device.trust !== 'unknown') return words.whyNotTrusted;
  return undefined;
}
