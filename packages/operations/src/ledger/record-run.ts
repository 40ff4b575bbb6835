import { randomUUID } from 'node:crypto';
import { type Clock, KnownError, OperationFailure, OperationStopped, systemClock } from '@rootcellar/core';
import { appendToLedger, type LedgerEntry } from './ledger.ts';

/** Errors after which nothing was begun. */
const NEVER_BEGAN: ReadonlySet<string> = new Set([
  'device.none-connected',
  'device.not-found',
  'device.several-connected',
  'lockdown.not-trusted',
  'lockdown.trust-pending',
  'lockdown.trust-denied',
  'lockdown.locked',
  'lockdown.never-unlocked',
  'mobilebackup2.passcode-not-entered',
  'mobilebackup2.setup-not-finished',
  'operation.cable-needed',
  'operation.device-busy',
  'operation.disk-too-small',
  'operation.restore-blocked',
  'usbmux.device-gone',
  'usbmux.not-running',
]);

export interface RecordRunOptions<Result> {
  readonly dataFolder: string;
  readonly by: LedgerEntry['by'];
  readonly operation: string;
  readonly udid?: string | undefined;
  /** What of the result goes into the ledger; also the outcome, if it came to nothing. */
  readonly describe?: (
    result: Result,
  ) => Partial<Pick<LedgerEntry, 'udid' | 'files' | 'bytes' | 'outcome' | 'reason'>>;
  /** Hears of an entry that could not be written: the disk is full. Without it, who looks for the entry will miss it. */
  readonly onUnwritten?: (entry: LedgerEntry) => void;
  readonly clock?: Clock;
}

/**
 * Does some work and writes down how it ended. Work is not lost because the ledger cannot be written: the result is
 * there.
 *
 * @throws what `work` throws
 */
export async function recordRun<Result>(
  options: RecordRunOptions<Result>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { dataFolder, by, operation, udid, describe, onUnwritten, clock = systemClock } = options;
  const startedAt = clock.now().toISOString();
  const write = async (ending: Pick<LedgerEntry, 'outcome'> & Partial<LedgerEntry>) => {
    const at = clock.now().toISOString();
    const entry = { id: randomUUID(), at, startedAt, by, operation, udid, ...ending };
    await appendToLedger(dataFolder, entry).catch(() => onUnwritten?.(entry));
  };
  try {
    const result = await work();
    await write({ outcome: 'done', ...describe?.(result) });
    return result;
  } catch (error) {
    await write(endingOf(error));
    throw error;
  }
}

/** How a run that threw `error` ended. */
export function endingOf(error: unknown): Pick<LedgerEntry, 'outcome'> & Partial<LedgerEntry> {
  if (error instanceof OperationStopped) return { outcome: 'cancelled', ...error.meaning };
  if (error instanceof OperationFailure) {
    const { code, happened, yourData, next, dataState } = error.report;
    return {
      outcome: NEVER_BEGAN.has(code) ? 'did-not-happen' : 'failed',
      reason: code,
      happened,
      yourData,
      next,
      dataState,
    };
  }
  if (error instanceof KnownError) {
    const { code, happened, next } = error;
    return { outcome: NEVER_BEGAN.has(code) ? 'did-not-happen' : 'failed', reason: code, happened, next };
  }
  return { outcome: 'failed' };
}
