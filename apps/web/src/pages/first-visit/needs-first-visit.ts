import type { Device } from '@rootcellar/api';

const STORED_AS = 'rootcellar.visited';

/** Is it here, nobody's or one's own, and was it never set up or backed up? */
export function needsFirstVisit(device: Device): boolean {
  return (
    device.isConnected &&
    device.ownedBy !== 'somebody-else' &&
    device.lastBackup === null &&
    device.job === null &&
    !wasVisited(device.udid)
  );
}

export function wasVisited(udid: string): boolean {
  return (localStorage.getItem(STORED_AS) ?? '').split(' ').includes(udid);
}

/** Its first visit is over, or the owner wants to do without. */
export function markVisited(udid: string): void {
  if (!wasVisited(udid))
    localStorage.setItem(STORED_AS, `${localStorage.getItem(STORED_AS) ?? ''} ${udid}`.trim());
}
