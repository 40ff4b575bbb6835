import { randomUUID } from 'node:crypto';
import type { JobKind, JobProgress, JobResult, JobState } from '@rootcellar/api';
import type { Clock, ProgressEvent } from '@rootcellar/core';
import { appendToLedger, type LedgerEntry, readBootID, recordRun } from '@rootcellar/operations';
import { hubError } from '../errors.ts';
import { type JobEnding, type JobRecord, JobRecords } from '../store/job-records.ts';
import type { Store } from '../store/schema.ts';
import { afterInterruption, endingAfter } from './job-ending.ts';
import { JobProgressMeter } from './job-progress.ts';
import { UnwrittenEnding } from './unwritten-ending.ts';

/** Whoever has not renewed its lease for so long is gone. */
const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;

/** Numbers that change faster cannot be read. The record is for after a crash, and each write waits for the disk. */
const TELL_EVERY_MS = 500;
const RECORD_EVERY_MS = 15_000;

/** A job as somebody wants it. Secrets are in `work` alone, which is never written down. */
export interface JobRequest {
  readonly kind: JobKind;
  readonly udid: string;
  readonly ownerID: string;
  readonly deviceName: string;
  readonly backup?: string | undefined;
  readonly startedBy?: JobRecord['startedBy'];
  readonly initialState: JobState;
  readonly work: (context: JobContext) => Promise<JobResult>;
}

export interface JobContext {
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProgressEvent) => void;
  /** The owner has to do something that no phase says. */
  readonly ask: (state: JobState, prompt: NonNullable<JobProgress['prompt']>) => void;
}

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  cancelledBy: 'person' | 'hub' | undefined;
  now: JobRecord;
  /** Once it has ended, until that is on record. */
  unwritten: UnwrittenEnding | undefined;
}

/** Starts jobs, keeps their records true, and says how they go. */
export class JobRunner {
  readonly records: JobRecords;
  readonly #clock: Clock;
  readonly #dataFolder: string;
  readonly #onChange: (job: JobRecord) => void;
  readonly #running = new Map<string, Running>();
  readonly #closing = new AbortController();
  #leaseOwner = '';
  #bootID = '';
  #upkeep: Promise<void> = Promise.resolve();

  /** @param options.onChange after each change of a job, at most twice a second unless its state is another */
  constructor(options: {
    readonly store: Store;
    readonly clock: Clock;
    readonly dataFolder: string;
    readonly onChange: (job: JobRecord) => void;
  }) {
    this.records = new JobRecords(options.store);
    this.#clock = options.clock;
    this.#dataFolder = options.dataFolder;
    this.#onChange = options.onChange;
  }

  /** Finds out what became of the jobs of before. */
  async open(): Promise<void> {
    this.#bootID = await readBootID();
    this.#leaseOwner = `${this.#bootID}/${process.pid}/${randomUUID()}`;
    await this.#endAbandoned();
    this.#upkeep = this.#keepUp();
  }

  /** Stops everything; what was at work ends as `interrupted`. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const running of this.#running.values()) this.#stop(running, 'hub');
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    await this.#upkeep;
  }

  /** @throws `hub.device-working` */
  async start(request: JobRequest): Promise<JobRecord> {
    const { kind, udid, ownerID, deviceName, backup, startedBy = 'person', initialState } = request;
    const job: JobRecord = {
      id: randomUUID(),
      kind,
      udid,
      ownerID,
      deviceName,
      backup: backup ?? null,
      startedBy,
      state: initialState,
      progress: {},
      result: null,
      error: null,
      yourData: null,
      createdAt: this.#clock.now().getTime(),
      endedAt: null,
    };
    if (this.#closing.signal.aborted) throw hubError('device-working', { kind: 'the hub is stopping' });
    // The one before would stand in its way as long as its end is not on record.
    for (const before of this.#running.values())
      if (before.now.udid === udid) await before.unwritten?.write();
    await this.records.add(job, this.#lease());
    this.#begin(job, request);
    return job;
  }

  /** Asks a job to stop; it ends soon. One that has ended stays as it is. @throws `hub.job-unknown` */
  async cancel(id: string): Promise<JobRecord> {
    const running = this.#running.get(id);
    if (running) this.#stop(running, 'person');
    return this.find(id);
  }

  /** As it is this moment. @throws `hub.job-unknown` */
  async find(id: string): Promise<JobRecord> {
    const job = this.#running.get(id)?.now ?? (await this.records.byID(id));
    if (job === undefined) throw hubError('job-unknown');
    return job;
  }

  /** With what is not written down yet. */
  asNow(job: JobRecord): JobRecord {
    return this.#running.get(job.id)?.now ?? job;
  }

  /** What is being done with a phone by this hub. */
  atWork(udid: string): JobRecord | undefined {
    const all = [...this.#running.values()].map(({ now }) => now);
    return all.find((job) => job.udid === udid && job.endedAt === null);
  }

  #begin(job: JobRecord, request: JobRequest): void {
    const stop = new AbortController();
    const running: Running = {
      stop,
      ended: Promise.resolve(),
      cancelledBy: undefined,
      now: job,
      unwritten: undefined,
    };
    this.#running.set(job.id, running);
    this.#onChange(job);
    Object.assign(running, { ended: this.#run(running, request) });
  }

  async #run(running: Running, request: JobRequest): Promise<void> {
    const { ending, entry } = await this.#work(running, request);
    const { id } = running.now;
    const at = this.#clock.now();
    const to = { records: this.records, leaseOwner: this.#leaseOwner, dataFolder: this.#dataFolder };
    const unwritten = new UnwrittenEnding(to, { id, ending, at }, entry);
    const isWritten = await unwritten.write();
    Object.assign(running, { unwritten, now: { ...running.now, ...ending, endedAt: at.getTime() } });
    if (isWritten) this.#running.delete(id);
    // Whoever waits for it does not wait for the disk.
    this.#onChange(running.now);
    if (!isWritten) await unwritten.writeSometime(this.#clock, this.#closing.signal);
    this.#running.delete(id);
  }

  /** @returns also the line of the ledger, if it could not be written */
  async #work(
    running: Running,
    { kind, udid, startedBy, work }: JobRequest,
  ): Promise<{ readonly ending: JobEnding; readonly entry: LedgerEntry | undefined }> {
    let entry: LedgerEntry | undefined;
    const run = {
      dataFolder: this.#dataFolder,
      by: startedBy === 'automatic' ? 'automatic' : 'hub',
      operation: kind,
      udid,
      describe,
      clock: this.#clock,
      onUnwritten: (unwritten: LedgerEntry) => {
        entry = unwritten;
      },
    } as const;
    const doWork = () => work(this.#contextOf(running));
    try {
      // Plans and checks change nothing: they are no runs.
      const result = kind === 'restore-plan' ? await doWork() : await recordRun(run, doWork);
      return { ending: { state: 'done', result, error: null, yourData: null }, entry };
    } catch (error) {
      const ending = endingAfter(error, kind, running.cancelledBy);
      if (ending.error?.code === 'hub.bug') console.error(error);
      return { ending, entry };
    }
  }

  #contextOf(running: Running): JobContext {
    const meter = new JobProgressMeter(running.now.state);
    let toldMs = 0;
    let recordedMs = 0;
    let tellsLater = false;
    // What comes last is told too, also if nothing follows for minutes.
    const tellLater = async (): Promise<void> => {
      if (tellsLater) return;
      tellsLater = true;
      await this.#clock.sleep(TELL_EVERY_MS, this.#closing.signal);
      tellsLater = false;
      if (running.now.endedAt === null) this.#onChange(running.now);
    };
    const tell = (isNew: boolean): void => {
      running.now = { ...running.now, state: meter.state, progress: meter.progress };
      const nowMs = this.#clock.now().getTime();
      if (isNew || nowMs - toldMs >= TELL_EVERY_MS) {
        toldMs = nowMs;
        this.#onChange(running.now);
      } else void tellLater();
      if (!isNew && nowMs - recordedMs < RECORD_EVERY_MS) return;
      recordedMs = nowMs;
      const { id } = running.now;
      const { domain: _, ...recorded } = meter.progress;
      this.records.progress(id, this.#leaseOwner, meter.state, recorded).catch(() => {});
    };
    return {
      signal: running.stop.signal,
      onProgress: (event) => tell(meter.hear(event, this.#clock.now().getTime())),
      ask: (state, prompt) => {
        meter.ask(state, prompt);
        tell(true);
      },
    };
  }

  #stop(running: Running, by: 'person' | 'hub'): void {
    running.cancelledBy ??= by;
    running.stop.abort();
  }

  #lease() {
    return { owner: this.#leaseOwner, until: this.#clock.now().getTime() + LEASE_MS };
  }

  async #keepUp(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(RENEW_EVERY_MS, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      for (const [id, running] of this.#running) {
        const isOurs = await this.records.renew(id, this.#lease()).catch(() => true);
        if (!isOurs) this.#stop(running, 'hub');
      }
      await this.#endAbandoned().catch(() => {});
    }
  }

  /** Whoever worked on them is gone: a process of this computer that has died, or one whose lease ran out. */
  async #endAbandoned(): Promise<void> {
    const now = this.#clock.now();
    for (const { job, lease } of await this.records.unended()) {
      if (this.#running.has(job.id)) continue;
      if (lease.until > now.getTime() && !this.#isDead(lease.owner)) continue;
      const yourData = afterInterruption(job.kind);
      const ending = { state: 'interrupted', result: null, error: null, yourData } as const;
      if (!(await this.records.end(job.id, lease.owner, ending, now))) continue;
      await appendToLedger(this.#dataFolder, {
        id: randomUUID(),
        at: now.toISOString(),
        startedAt: new Date(job.createdAt).toISOString(),
        by: job.startedBy === 'automatic' ? 'automatic' : 'hub',
        operation: job.kind,
        udid: job.udid,
        outcome: 'interrupted',
        reason: 'hub.stopped',
        yourData,
      });
      this.#onChange({ ...job, ...ending, endedAt: now.getTime() });
    }
  }

  #isDead(leaseOwner: string): boolean {
    const [bootID, pid] = leaseOwner.split('/');
    if (bootID !== this.#bootID) return false;
    if (Number(pid) === process.pid) return leaseOwner !== this.#leaseOwner;
    try {
      process.kill(Number(pid), 0);
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ESRCH';
    }
  }
}

function describe(result: JobResult) {
  return 'files' in result ? { files: result.files, bytes: result.bytes } : {};
}
