import type { Device } from '@rootcellar/api';
import type { Catalogue } from '../../words/catalogue.ts';

/** The sentence beside a button that cannot be pressed now; none if it can. */
export function whyNoBackup(device: Device, words: Catalogue['device']): string | undefined {
  if (device.ownedBy === 'somebody-else') return words.whyNotYours;
  if (!device.isConnected) return words.whyNotConnected;
  if (device.job !== null) return words.whyBusy;
  if (device.trust !== 'trusted' && device.trust !== 'unknown') return words.whyNotTrusted;
  return undefined;
}
