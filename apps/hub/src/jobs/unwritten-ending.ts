import type { Clock } from '@rootcellar/core';
import { appendToLedger, type LedgerEntry } from '@rootcellar/operations';
import type { JobEnding, JobRecords } from '../store/job-records.ts';

/** A database that is gone for a moment comes back soon; a full disk when somebody has made room. */
const AGAIN_MS = 1_000;
const AGAIN_MAX_MS = 30_000;

/** How a job ended, until that is on record. */
export class UnwrittenEnding {
  readonly #to: { readonly records: JobRecords; readonly leaseOwner: string; readonly dataFolder: string };
  readonly #job: { readonly id: string; readonly ending: JobEnding; readonly at: Date };
  #entry: LedgerEntry | undefined;

  /** @param entry its line in the ledger, if that could not be written */
  constructor(
    to: { readonly records: JobRecords; readonly leaseOwner: string; readonly dataFolder: string },
    job: { readonly id: string; readonly ending: JobEnding; readonly at: Date },
    entry: LedgerEntry | undefined,
  ) {
    this.#to = to;
    this.#job = job;
    this.#entry = entry;
  }

  /** The record first: on a full disk, that makes the room. @returns whether all is written */
  async write(): Promise<boolean> {
    const { records, leaseOwner, dataFolder } = this.#to;
    const { id, ending, at } = this.#job;
    try {
      await records.end(id, leaseOwner, ending, at);
    } catch {
      return false;
    }
    const entry = this.#entry;
    this.#entry = undefined;
    if (entry === undefined) return true;
    return appendToLedger(dataFolder, entry).then(
      () => true,
      () => {
        this.#entry = entry;
        return false;
      },
    );
  }

  /** Again and again, until it is written or `signal` aborts. */
  async writeSometime(clock: Clock, signal: AbortSignal): Promise<void> {
    for (let waitMs = AGAIN_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, AGAIN_MAX_MS)) {
      if (await this.write()) return;
      await clock.sleep(waitMs, signal);
    }
  }
}
