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
  #writing: Promise<boolean> | undefined;

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

  /** Whoever asks while it is being written gets the same answer. @returns whether all is written */
  write(): Promise<boolean> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** The record first: on a full disk, that makes the room. */
  async #write(): Promise<boolean> {
    const { records, leaseOwner, dataFolder } = this.#to;
    const { id, ending, at } = this.#job;
    try {
      await records.end(id, leaseOwner, ending, at);
    } catch {
      return false;
    }
    try {
      if (this.#entry !== undefined) await appendToLedger(dataFolder, this.#entry);
    } catch {
      return false;
    }
    this.#entry = undefined;
    return true;
  }

  /** Again and again, until it is written or `signal` aborts; then once more. */
  async writeSometime(clock: Clock, signal: AbortSignal): Promise<void> {
    for (let waitMs = AGAIN_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, AGAIN_MAX_MS)) {
      if (await this.write()) return;
      await clock.sleep(waitMs, signal);
    }
    await this.write();
  }
}
