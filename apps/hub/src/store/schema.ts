import type { Kysely } from 'kysely';

/*
 * The records of the hub. Both engines hold the same: texts, and whole numbers of up to 64 bits. Times are milliseconds
 * since 1970, flags are 0 or 1, everything with a shape of its own is JSON in a text. Numbers beyond 2^53 come back as
 * bigint.
 */

export interface StoreSchema {
  readonly people: PeopleTable;
  readonly sessions: SessionsTable;
  readonly devices: DevicesTable;
  readonly jobs: JobsTable;
}

export type Store = Kysely<StoreSchema>;

export interface PeopleTable {
  readonly id: string;
  readonly name: string;
  /** The name as it is compared; no two are the same. */
  readonly name_key: string;
  /** As `passwords.ts` makes it; null: signs in with the link only. */
  readonly password: string | null;
  readonly is_operator: number;
  readonly created_at: number;
}

export interface SessionsTable {
  /** SHA-256 of what the cookie holds. */
  readonly id: string;
  readonly person_id: string;
  readonly used_at: number;
}

/** Phones that were seen here, and whose they are. */
export interface DevicesTable {
  readonly udid: string;
  readonly owner_id: string | null;
  /** What it told last: JSON. */
  readonly told: string;
  readonly settings: string | null;
  readonly last_seen_at: number;
  /** When a backup last began by itself. */
  readonly automatic_at: number | null;
}

export interface JobsTable {
  readonly id: string;
  readonly kind: string;
  readonly udid: string;
  readonly owner_id: string;
  readonly device_name: string;
  readonly backup: string | null;
  readonly started_by: string;
  readonly state: string;
  readonly progress: string;
  readonly result: string | null;
  readonly error: string | null;
  readonly your_data: string | null;
  readonly created_at: number;
  readonly ended_at: number | null;
  /** Who works on it, and until when that holds. */
  readonly lease_owner: string;
  readonly lease_until: number;
}
