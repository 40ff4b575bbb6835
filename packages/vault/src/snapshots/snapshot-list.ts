import { storageError, vaultError } from '../errors.ts';
import { isDamage } from '../repository/damage.ts';
import { loadRecord, type RecordPlace, saveRecord } from '../repository/unpacked.ts';
import type { CallOptions } from '../storage/storage.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot, type SnapshotFields } from './snapshot.ts';

/** Read at the same time: a far storage answers each after a while. */
const RECORDS_AT_A_TIME = 8;

export interface ListOptions extends CallOptions {
  /** Told of a record that is damaged, which is then passed over; without it the error is thrown. */
  readonly onDamaged?: (recordID: string, error: unknown) => void;
}

/** All records, also several of one snapshot. */
export async function listRecords(
  place: RecordPlace,
  options: ListOptions = {},
): Promise<readonly Snapshot[]> {
  const ids: string[] = [];
  for await (const { id } of place.storage.list('snapshots', options)) ids.push(id);
  const records: Snapshot[] = [];
  const waiting = ids.values();
  const worker = async (): Promise<void> => {
    for (const id of waiting) {
      try {
        records.push(decodeSnapshot(id, await loadRecord(place, 'snapshots', id, options)));
      } catch (error) {
        // Another program has deleted it since it was listed.
        if (storageError.matches(error, 'not-found')) continue;
        if (options.onDamaged === undefined || !isDamage(error)) throw error;
        options.onDamaged(id, error);
      }
    }
  };
  await Promise.all(Array.from({ length: RECORDS_AT_A_TIME }, worker));
  return records;
}

/** All snapshots, oldest first, each with its newest record. */
export async function listSnapshots(place: RecordPlace, options?: ListOptions): Promise<readonly Snapshot[]> {
  return newestRecords(await listRecords(place, options));
}

export function newestRecords(records: readonly Snapshot[]): readonly Snapshot[] {
  const newest = new Map<string, Snapshot>();
  for (const record of records) {
    const other = newest.get(record.id);
    if (other === undefined || isNewer(record, other)) newest.set(record.id, record);
  }
  return [...newest.values()].sort((a, b) => a.time.getTime() - b.time.getTime() || (a.id < b.id ? -1 : 1));
}

/** Two records of one moment: any order will do, if it is always the same. */
function isNewer(a: Snapshot, b: Snapshot): boolean {
  const ms = a.recordedAt.getTime() - b.recordedAt.getTime();
  return ms > 0 || (ms === 0 && a.recordID > b.recordID);
}

/** @throws `vault.snapshot-unknown` */
export async function findSnapshot(place: RecordPlace, id: string, options?: ListOptions): Promise<Snapshot> {
  const found = (await listSnapshots(place, options)).find((snapshot) => snapshot.id === id);
  if (found === undefined) throw vaultError('snapshot-unknown');
  return found;
}

/** Writes the record of a snapshot. All that it refers to must be durable. */
export async function writeSnapshot(
  place: RecordPlace,
  fields: SnapshotFields,
  options: CallOptions & { readonly original?: string; readonly recordedAt: Date },
): Promise<Snapshot> {
  const document = encodeSnapshot(fields, options);
  const recordID = await saveRecord(place, 'snapshots', document, options);
  return decodeSnapshot(recordID, document);
}

/**
 * Changes the tags of a snapshot: a new record, then the old one goes, where deleting is allowed.
 *
 * @param options.recordedAt now; later than the record that is replaced
 */
export async function retagSnapshot(
  place: RecordPlace,
  snapshot: Snapshot,
  tags: readonly string[],
  options: CallOptions & { readonly recordedAt: Date },
): Promise<Snapshot> {
  const recordedAt = new Date(Math.max(options.recordedAt.getTime(), snapshot.recordedAt.getTime() + 1));
  const fields = { ...snapshot, tags: [...new Set(tags)] };
  const changed = await writeSnapshot(place, fields, { ...options, original: snapshot.id, recordedAt });
  await deleteRecord(place, snapshot.recordID, options);
  return changed;
}

/** Deletes all records of a snapshot. What it alone refers to stays until the vault is pruned. */
export async function deleteSnapshot(place: RecordPlace, id: string, options?: CallOptions): Promise<void> {
  const records = (await listRecords(place, { ...options, onDamaged: () => {} })).filter(
    (record) => record.id === id,
  );
  if (records.length === 0) throw vaultError('snapshot-unknown');
  for (const { recordID } of records) await place.storage.delete(`snapshots/${recordID}`, options);
}

/** A storage that only adds, on purpose, keeps the old record: readers take the newest. */
async function deleteRecord(place: RecordPlace, recordID: string, options: CallOptions): Promise<void> {
  try {
    await place.storage.delete(`snapshots/${recordID}`, options);
  } catch (error) {
    if (!storageError.matches(error, 'not-permitted')) throw error;
  }
}
