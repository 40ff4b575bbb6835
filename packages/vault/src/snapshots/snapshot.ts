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

/** When a snapshot was last read and found whole, if it was. */
export function verifiedAt(snapshot: Pick<Snapshot, 'tags'>): Date | undefined {
  return latestOf(snapshot, VERIFIED);
}

/** When a snapshot was last read and found damaged, unless it was found whole afterwards. */
export function damagedAt(snapshot: Pick<Snapshot, 'tags'>): Date | undefined {
  return latestOf(snapshot, DAMAGED);
}

/** Has the vault stopped believing that it has what is lost of a damaged snapshot? See `tagsGivenUp`. */
export function isGivenUp(snapshot: Pick<Snapshot, 'tags'>): boolean {
  return latestOf(snapshot, GIVEN_UP) !== undefined;
}

function latestOf({ tags }: Pick<Snapshot, 'tags'>, prefix: string): Date | undefined {
  const times = tags
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => Date.parse(tag.slice(prefix.length)));
  const latest = Math.max(...times.filter((time) => !Number.isNaN(time)));
  return latest === -Infinity ? undefined : new Date(latest);
}

/** The tags of a snapshot that was found whole then. */
export function tagsVerified(snapshot: Pick<Snapshot, 'tags'>, at: Date): readonly string[] {
  return [...tagsUnchecked(snapshot), `${VERIFIED}${at.toISOString()}`];
}

/** The tags of a snapshot that was found damaged then. */
export function tagsDamaged(snapshot: Pick<Snapshot, 'tags'>, at: Date): readonly string[] {
  return [...tagsUnchecked(snapshot), `${DAMAGED}${at.toISOString()}`];
}

/**
 * The tags of a damaged snapshot once no index names any more what is lost of it: whoever sends that again stores it again.
 * Damage that is found later takes it away.
 */
export function tagsGivenUp(snapshot: Pick<Snapshot, 'tags'>, at: Date): readonly string[] {
  return [...tagsDamaged(snapshot, at), `${GIVEN_UP}${at.toISOString()}`];
}

/** The tags of a snapshot of which neither is known. */
export function tagsUnchecked({ tags }: Pick<Snapshot, 'tags'>): readonly string[] {
  const checks = [VERIFIED, DAMAGED, GIVEN_UP];
  return tags.filter((tag) => !checks.some((prefix) => tag.startsWith(prefix)));
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
