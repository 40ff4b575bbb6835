import type { Failure, JobKind, JobProgress, JobResult, JobState } from '@rootcellar/api';
import { hubError } from '../errors.ts';
import type { JobsTable, Store } from './schema.ts';

export interface JobRecord {
  readonly id: string;
  readonly kind: JobKind;
  readonly udid: string;
  readonly ownerID: string;
  readonly deviceName: string;
  readonly backup: string | null;
  readonly startedBy: 'person' | 'automatic';
  readonly state: JobState;
  readonly progress: JobProgress;
  readonly result: JobResult | null;
  readonly error: Failure | null;
  readonly yourData: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** Who works on a job, and until when nobody else may. */
export interface Lease {
  readonly owner: string;
  readonly until: number;
}

export interface JobQuery {
  readonly udid?: string | undefined;
  readonly ended?: boolean | undefined;
  /** Whose; everybody's unless given. */
  readonly ownerID?: string | undefined;
  /** Those that come after this one, which are older. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** How a job ended. */
export type JobEnding = Pick<JobRecord, 'result' | 'error' | 'yourData'> & {
  readonly state: 'done' | 'failed' | 'cancelled' | 'interrupted';
};

/** Jobs: never more than one at work for a phone, each with the lease of whoever works on it. */
export class JobRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws `hub.device-working` */
  async add(job: JobRecord, lease: Lease): Promise<void> {
    try {
      await this.#store.insertInto('jobs').values(toRow(job, lease)).execute();
    } catch (error) {
      const other = await this.#atWork(job.udid);
      throw other ? hubError('device-working', { kind: other.kind }) : error;
    }
  }

  async byID(id: string): Promise<JobRecord | undefined> {
    const row = await this.#store.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  /** The newest first. @throws `hub.request-invalid` for a marker that is none of ours */
  async list({ udid, ended, ownerID, after, limit }: JobQuery): Promise<readonly JobRecord[]> {
    let query = this.#store.selectFrom('jobs').selectAll();
    if (udid !== undefined) query = query.where('udid', '=', udid);
    if (ownerID !== undefined) query = query.where('owner_id', '=', ownerID);
    if (ended !== undefined) query = query.where('ended_at', ended ? 'is not' : 'is', null);
    if (after !== undefined) {
      const { time, id } = parseMarker(after);
      query = query.where((where) =>
        where.or([
          where('created_at', '<', time),
          where.and([where('created_at', '=', time), where('id', '<', id)]),
        ]),
      );
    }
    const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
    return rows.map(fromRow);
  }

  /** @returns false if the lease is lost: somebody else has ended the job */
  async progress(id: string, owner: string, state: JobState, progress: JobProgress): Promise<boolean> {
    return hasChanged(
      await this.#store
        .updateTable('jobs')
        .set({ state, progress: JSON.stringify(progress) })
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .where('ended_at', 'is', null)
        .executeTakeFirst(),
    );
  }

  /** @returns false if the lease is lost */
  async renew(id: string, { owner, until }: Lease): Promise<boolean> {
    return hasChanged(
      await this.#store
        .updateTable('jobs')
        .set({ lease_until: until })
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .where('ended_at', 'is', null)
        .executeTakeFirst(),
    );
  }

  /** @returns false if it had ended already, or is another's */
  async end(id: string, owner: string, ending: JobEnding, now: Date): Promise<boolean> {
    return hasChanged(
      await this.#store
        .updateTable('jobs')
        .set({
          state: ending.state,
          result: ending.result && JSON.stringify(ending.result),
          error: ending.error && JSON.stringify(ending.error),
          your_data: ending.yourData,
          ended_at: now.getTime(),
        })
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .where('ended_at', 'is', null)
        .executeTakeFirst(),
    );
  }

  /** All that have not ended, with who works on them. */
  async unended(): Promise<readonly { readonly job: JobRecord; readonly lease: Lease }[]> {
    const rows = await this.#store.selectFrom('jobs').selectAll().where('ended_at', 'is', null).execute();
    return rows.map((row) => ({
      job: fromRow(row),
      lease: { owner: row.lease_owner, until: row.lease_until },
    }));
  }

  async #atWork(udid: string): Promise<JobRecord | undefined> {
    const working = this.#store.selectFrom('jobs').selectAll().where('udid', '=', udid);
    const row = await working.where('ended_at', 'is', null).executeTakeFirst();
    return row && fromRow(row);
  }
}

/** For `after`. */
export function jobMarker({ createdAt, id }: JobRecord): string {
  return `${createdAt}/${id}`;
}

function parseMarker(marker: string): { readonly time: number; readonly id: string } {
  const [, time, id] = /^(\d{1,15})\/([0-9a-f-]{1,64})$/.exec(marker) ?? [];
  if (time === undefined || id === undefined) throw hubError('request-invalid', { where: 'query: after' });
  return { time: Number(time), id };
}

function hasChanged({ numUpdatedRows }: { readonly numUpdatedRows: bigint }): boolean {
  return numUpdatedRows === 1n;
}

function toRow(job: JobRecord, lease: Lease): JobsTable {
  return {
    id: job.id,
    kind: job.kind,
    udid: job.udid,
    owner_id: job.ownerID,
    device_name: job.deviceName,
    backup: job.backup,
    started_by: job.startedBy,
    state: job.state,
    progress: JSON.stringify(job.progress),
    result: job.result && JSON.stringify(job.result),
    error: job.error && JSON.stringify(job.error),
    your_data: job.yourData,
    created_at: job.createdAt,
    ended_at: job.endedAt,
    lease_owner: lease.owner,
    lease_until: lease.until,
  };
}

function fromRow(row: JobsTable): JobRecord {
  const parse = (text: string | null) => (text === null ? null : JSON.parse(text));
  return {
    id: row.id,
    kind: row.kind as JobKind,
    udid: row.udid,
    ownerID: row.owner_id,
    deviceName: row.device_name,
    backup: row.backup,
    startedBy: row.started_by as JobRecord['startedBy'],
    state: row.state as JobState,
    progress: JSON.parse(row.progress),
    result: parse(row.result),
    error: parse(row.error),
    yourData: row.your_data,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
