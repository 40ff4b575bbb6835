import { chooseDevice, type LedgerEntry, recordRun, usbmuxOfThisComputer } from '@rootcellar/operations';

/**
 * Does the work of a command and writes into the ledger how it ended, as the hub does.
 *
 * @param options.device as it was given; the only connected one if absent
 */
export async function recordedRun<Result>(
  options: {
    readonly dataFolder: string;
    readonly operation: string;
    readonly device: string | undefined;
    readonly describe: (
      result: Result,
    ) => Partial<Pick<LedgerEntry, 'udid' | 'files' | 'bytes' | 'outcome' | 'reason'>>;
  },
  work: () => Promise<Result>,
): Promise<Result> {
  const { dataFolder, operation, device, describe } = options;
  // Which phone it is about, also if it fails. Whether there is one at all, the work itself says better.
  const chosen = await chooseDevice(usbmuxOfThisComputer(), device).catch(() => undefined);
  return recordRun({ dataFolder, by: 'command-line', operation, udid: chosen?.udid, describe }, work);
}
