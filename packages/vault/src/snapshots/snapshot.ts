import { vaultError } from '../errors.ts';
import { asCount, asObject, asText, asTexts, type JsonObject } from '../repository/json-fields.ts';
import { isStoredID } from '../storage/storage.ts';
import { parseTime, timeText } from './time-text.ts';

/** A saved tree, as its record in the folder `snapshots` describes it. */
export interface Snapshot {
  /** What names it for ever: the id of its first record. */
  readonly id: string;
  /** Of the record as it is now; another one after each change of tags. */
  readonly recordID: string;
  /** When the tree was as it is here. */
  readonly time: Date;
  /** When this record was written. Of several records of one snapshot the newest is true. */
  readonly recordedAt: Date;
  /** Id of the tree blob of its root. */
  readonly tree: string;
  /** The snapshot from which unchanged files were taken. */
  readonly parent: string | undefined;
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly username: string;
  readonly tags: readonly string[];
  readonly summary: SnapshotSummary | undefined;
}

/** What saving it did. The names are restic's. */
export interface SnapshotSummary {
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnmodified: number;
  readonly files: number;
  readonly bytes: number;
  /** Plain bytes that were not in the vault before. */
  readonly addedBytes: number;
  /** What they take up where they are stored. */
  readonly addedPackedBytes: number;
}

/** What is decided when a record is written; the rest follows from where it is. */
export type SnapshotFields = Omit<Snapshot, 'id' | 'recordID' | 'recordedAt'>;

/** A snapshot that is not whole: of a backup that goes on, or that failed and is all there is. */
export const INCOMPLETE_TAG = 'incomplete';

/** A snapshot that no rule removes. */
export const ARCHIVED_TAG = 'archived';

const VERIFIED = 'verified:';
const DAMAGED = 'damaged:';
const GIVEN_UP = 'given-up:';
const NOT_WHOLE = 'not-whole:';

type Tagged = Pick<Snapshot, 'tags'>;

/** When a snapshot was last read and found whole, if it was. */
export function verifiedAt(snapshot: Tagged): Date | undefined {
  return latestOf(snapshot, VERIFIED);
}

/**
 * When a snapshot was last found damaged, unless it was found whole afterwards: either the vault lacks something of it, or it
 * is not what was backed up, though the vault gives all that was stored.
 */
export function damagedAt(snapshot: Tagged): Date | undefined {
  return latestOf(snapshot, DAMAGED, NOT_WHOLE);
}

/** When the vault was last found to lack something of a snapshot, unless all of it was read afterwards. */
export function unreadableAt(snapshot: Tagged): Date | undefined {
  return latestOf(snapshot, DAMAGED);
}

/** When a snapshot was found not to be what was backed up. No check of the vault can tell, or knows better. */
export function notWholeAt(snapshot: Tagged): Date | undefined {
  return latestOf(snapshot, NOT_WHOLE);
}

/** When the vault stopped believing that it has what is lost of a damaged snapshot, if it did. See `tagsGivenUp`. */
export function givenUpAt(snapshot: Tagged): Date | undefined {
  return latestOf(snapshot, GIVEN_UP);
}

export function isGivenUp(snapshot: Tagged): boolean {
  return givenUpAt(snapshot) !== undefined;
}

function latestOf({ tags }: Tagged, ...prefixes: readonly string[]): Date | undefined {
  const times = prefixes.flatMap((prefix) =>
    tags.filter((tag) => tag.startsWith(prefix)).map((tag) => Date.parse(tag.slice(prefix.length))),
  );
  const latest = Math.max(...times.filter((time) => !Number.isNaN(time)));
  return latest === -Infinity ? undefined : new Date(latest);
}

/** The tags of a snapshot of which every file was found to be what was backed up. */
export function tagsVerified(snapshot: Tagged, at: Date): readonly string[] {
  return [...tagsUnchecked(snapshot), tagOf(VERIFIED, at)];
}

/** The tags of a snapshot of which the vault lacks something. */
export function tagsDamaged(snapshot: Tagged, at: Date): readonly string[] {
  return [...without(snapshot, VERIFIED, DAMAGED, GIVEN_UP), tagOf(DAMAGED, at)];
}

/**
 * The tags of a damaged snapshot once no index names any more what is lost of it: whoever sends that again stores it again.
 * Damage that is found later takes it away.
 */
export function tagsGivenUp(snapshot: Tagged, at: Date): readonly string[] {
  return [...tagsDamaged(snapshot, at), tagOf(GIVEN_UP, at)];
}

/** The tags of a snapshot of which the vault has everything. Whether that is what was backed up is another matter. */
export function tagsReadable(snapshot: Tagged): readonly string[] {
  return without(snapshot, DAMAGED, GIVEN_UP);
}

/** The tags of a damaged snapshot of which an index may name again what had been given up. */
export function tagsNamedAgain(snapshot: Tagged): readonly string[] {
  return without(snapshot, GIVEN_UP);
}

/** The tags of a snapshot that is not what was backed up, whatever the vault has of it. */
export function tagsNotWhole(snapshot: Tagged, at: Date): readonly string[] {
  return [...without(snapshot, VERIFIED, NOT_WHOLE), tagOf(NOT_WHOLE, at)];
}

/** The tags of a snapshot of which nothing is known. */
export function tagsUnchecked(snapshot: Tagged): readonly string[] {
  return without(snapshot, VERIFIED, DAMAGED, GIVEN_UP, NOT_WHOLE);
}

const tagOf = (prefix: string, at: Date): string => `${prefix}${at.toISOString()}`;

function without({ tags }: Tagged, ...prefixes: readonly string[]): readonly string[] {
  return tags.filter((tag) => !prefixes.some((prefix) => tag.startsWith(prefix)));
}

const PROGRAM = 'rootcellar';

/** @param original the id of the snapshot if this is not its first record */
export function encodeSnapshot(
  fields: SnapshotFields,
  { original, recordedAt }: { readonly original?: string; readonly recordedAt: Date },
): unknown {
  return {
    time: timeText(fields.time),
    ...(fields.parent !== undefined && { parent: fields.parent }),
    tree: fields.tree,
    paths: fields.paths,
    hostname: fields.hostname,
    username: fields.username,
    ...(fields.tags.length > 0 && { tags: fields.tags }),
    ...(original !== undefined && { original }),
    program_version: PROGRAM,
    ...(fields.summary && { summary: summaryToJson(fields.summary) }),
    recorded: timeText(recordedAt),
  };
}

/** @throws `vault.record-damaged` */
export function decodeSnapshot(recordID: string, document: unknown): Snapshot {
  const fields = asObject(document);
  const time = parseTime(fields?.['time']);
  const tree = asText(fields?.['tree']);
  if (fields === undefined || time === undefined || tree === undefined || !isStoredID(tree)) {
    throw vaultError('record-damaged', { folder: 'snapshots', reason: 'fields' });
  }
  return {
    id: idIn(fields['original']) ?? recordID,
    recordID,
    time,
    recordedAt: parseTime(fields['recorded']) ?? time,
    tree,
    parent: idIn(fields['parent']),
    paths: asTexts(fields['paths']) ?? [],
    hostname: asText(fields['hostname']) ?? '',
    username: asText(fields['username']) ?? '',
    tags: asTexts(fields['tags']) ?? [],
    summary: parseSummary(asObject(fields['summary'])),
  };
}

function idIn(value: unknown): string | undefined {
  const text = asText(value);
  return text !== undefined && isStoredID(text) ? text : undefined;
}

function summaryToJson(summary: SnapshotSummary): JsonObject {
  return {
    files_new: summary.filesNew,
    files_changed: summary.filesChanged,
    files_unmodified: summary.filesUnmodified,
    total_files_processed: summary.files,
    total_bytes_processed: summary.bytes,
    data_added: summary.addedBytes,
    data_added_packed: summary.addedPackedBytes,
  };
}

function parseSummary(fields: JsonObject | undefined): SnapshotSummary | undefined {
  if (fields === undefined) return undefined;
  const count = (name: string) => asCount(fields[name]) ?? 0;
  return {
    filesNew: count('files_new'),
    filesChanged: count('files_changed'),
    filesUnmodified: count('files_unmodified'),
    files: count('total_files_processed'),
    bytes: count('total_bytes_processed'),
    addedBytes: count('data_added'),
    addedPackedBytes: count('data_added_packed'),
  };
}
