import type { DeviceSummary } from '@rootcellar/operations';
import { UsageError } from './usage-error.ts';

/** Is it the iPhone that `--yes` spells out? @throws UsageError if it is another one */
export function requireSameUdid(yes: string, device: DeviceSummary): boolean {
  if (yes.toUpperCase() === device.udid.toUpperCase()) return true;
  throw new UsageError(`--yes names another iPhone than the one that is meant, which is ${device.udid}`);
}
