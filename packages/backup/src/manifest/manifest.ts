import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type ReadableTree, type TreePath, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { type BlobLayout, blobPath } from '../folder/blob-path.ts';
import type { BackupKeys } from '../keybag/backup-keys.ts';
import { parseFileRecord } from './file-record.ts';
import { type CopyOptions, copyManifest, type ManifestCopy } from './manifest-copy.ts';
import { type ManifestEntry, type ManifestRow, parseEntry, type RecordReader } from './manifest-entry.ts';
import { asDamage, checkSchema, ios100Reader } from './manifest-schema.ts';
import { parseMbdbRecord } from './mbdb.ts';
import { copyMbdb, MBDB } from './mbdb-copy.ts';
import { type FileIDRange, inPages, ROWS_AT_A_TIME } from './pages.ts';

/** Records seen are up to 1,850 bytes, attributes 2,048 at most. */
const RECORD_BYTES_MAX = 64 * 1024;

/** An interrupted session may leave higher bits. Source: backup-format §3.3. */
const KIND_BITS = 7;
const REGULAR_FILE = 1;

export interface EntryQuery extends FileIDRange {
  readonly domain?: string;
  readonly limit?: number;
  /** Called for every row that is no entry, or a doubtful one. Default: they are passed over. */
  readonly onFinding?: (found: Finding) => void;
}

export interface PlaceQuery {
  /** Only these. */
  readonly domains: readonly string[];
  readonly after?: Pick<ManifestEntry, 'domain' | 'relativePath' | 'fileID'> | undefined;
}

/** The list of files of a backup, open. Synchronous, like the SQLite it wraps; close it when done. */
export interface Manifest {
  entries(query?: EntryQuery): Iterable<ManifestEntry>;
  /**
   * Entries in the order of domain and path, after one of them.
   * The first call makes an index in the private copy: half a second for 300,000 files.
   */
  entriesByPlace(query: PlaceQuery): Iterable<ManifestEntry>;
  /** Rows that have a fileID, in its order, as they are: nothing in them was decoded or checked. */
  rows(): Iterable<ManifestRow>;
  /** The rows of regular files by their fileID alone: a hundred times quicker than `entries`. */
  fileIDsOfFiles(query?: FileIDRange): Iterable<string>;
  /** `undefined` if there is no such row, or none that can be read. */
  entry(fileID: string): ManifestEntry | undefined;
  /** Rows, readable or not. */
  count(query?: { readonly domain?: string }): number;
  /** Names of all domains, in order. */
  domains(): readonly string[];
  /** Rows whose fileID is no text, so that no query by fileID finds them. */
  countWithoutID(): number;
  /** Where the content of a file lies in the folder of this backup. @throws `backup.file-id-invalid` */
  blobPath(fileID: string): TreePath;
  readonly blobLayout: BlobLayout;
  /** Does SQLite find its own pages sound? Reads the whole file. */
  isSound(): boolean;
  /** `false` for a layout that we only guess to be the same. */
  readonly isKnownVersion: boolean;
  /** For another thread, as long as this one is open. See `reopenManifest`. */
  readonly place: ManifestPlace;
  close(): Promise<void>;
}

/** Where the private copy of a list of files lies, and of what version it is. */
export interface ManifestPlace {
  readonly databasePath: string;
  readonly blobLayout: BlobLayout;
}

/**
 * Opens the list of files of a backup that is not encrypted (or encrypted by iOS 10.1 or older): Manifest.db, or
 * Manifest.mbdb of iOS 5 to 9.
 *
 * It works on a private copy, which `close` removes: the backup is not touched.
 *
 * @throws `backup.manifest-missing`, `backup.manifest-empty`, `backup.manifest-encrypted`,
 *   `backup.manifest-damaged`, what the tree throws
 */
export async function openManifest(tree: ReadableTree, options: CopyOptions = {}): Promise<Manifest> {
  const isOld = (await tree.stat(MANIFEST_DB)) === undefined && (await tree.stat(MBDB))?.kind === 'file';
  const copy = await (isOld ? copyMbdb : copyManifest)(tree, options);
  try {
    return new OpenManifest(copy, isOld ? OF_MBDB : OF_DATABASE, options.keys);
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

/** The same list of files, which another thread has opened; its copy stays when this one is closed. */
export function reopenManifest({ databasePath, blobLayout }: ManifestPlace, keys?: BackupKeys): Manifest {
  const copy = { databasePath, remove: async () => {} };
  return new OpenManifest(copy, blobLayout === 'flat' ? OF_MBDB : OF_DATABASE, keys);
}

const MANIFEST_DB = treePath('Manifest.db');

/** What is different in a version of the format. */
interface Version {
  readonly blobLayout: BlobLayout;
  readonly readRecord: RecordReader;
}

const OF_DATABASE: Version = { blobLayout: 'sharded', readRecord: parseFileRecord };
const OF_MBDB: Version = { blobLayout: 'flat', readRecord: (file) => parseMbdbRecord(file).record };

class OpenManifest implements Manifest {
  readonly isKnownVersion: boolean;
  readonly blobLayout: BlobLayout;
  readonly #readRecord: RecordReader;
  readonly #copy: ManifestCopy;
  readonly #database: DatabaseSync;
  /** By their SQL. Preparing one takes longer than running it for a row. */
  readonly #statements = new Map<string, StatementSync>();
  #isIndexed = false;

  constructor(copy: ManifestCopy, { blobLayout, readRecord }: Version, keys: BackupKeys | undefined) {
    this.blobLayout = blobLayout;
    this.#copy = copy;
    this.#database = asDamage(
      'cannot be opened',
      () => new DatabaseSync(copy.databasePath, { readOnly: true }),
    );
    try {
      this.isKnownVersion = asDamage('unknown tables', () => checkSchema(this.#database));
      this.#readRecord = ios100Reader(this.#database, keys) ?? readRecord;
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  *entries(query: EntryQuery = {}): Generator<ManifestEntry, void> {
    const report = query.onFinding ?? (() => {});
    let left = query.limit ?? Number.POSITIVE_INFINITY;
    if (left <= 0) return;
    for (const row of this.rows(query)) {
      const entry = parseEntry(row, this.#readRecord, report);
      if (entry !== undefined) yield entry;
      if (entry !== undefined && --left <= 0) return;
    }
  }

  *rows(query: EntryQuery = {}): Generator<ManifestRow, void> {
    yield* inPages(query, (rest) => this.#page(SELECT_ROWS, rest) as unknown as readonly ManifestRow[]);
  }

  *entriesByPlace({ domains, after }: PlaceQuery): Generator<ManifestEntry, void> {
    this.#indexByPlace();
    for (const domain of [...domains].sort()) {
      if (after !== undefined && domain < after.domain) continue;
      let place = after?.domain === domain ? [after.relativePath, after.fileID] : ['', ''];
      for (;;) {
        const rows = this.#all(`${SELECT_ROWS} ${NEXT_OF_DOMAIN}`, [domain, ...place]);
        for (const row of rows as unknown as readonly ManifestRow[]) {
          const entry = parseEntry(row, this.#readRecord, () => {});
          if (entry !== undefined) yield entry;
        }
        if (rows.length < ROWS_AT_A_TIME) break;
        const last = [String(rows.at(-1)?.['relativePath']), String(rows.at(-1)?.['fileID'])];
        // An index in a wrong order could lead round in a circle.
        if (Buffer.compare(placeKey(last), placeKey(place)) <= 0)
          throw backupError('manifest-damaged', { reason: 'order' });
        place = last;
      }
    }
  }

  *fileIDsOfFiles(query: FileIDRange = {}): Generator<string, void> {
    const rows = inPages(query, (rest) => this.#page('SELECT fileID FROM Files', rest, IS_OF_FILE));
    for (const { fileID } of rows) yield String(fileID);
  }

  entry(fileID: string): ManifestEntry | undefined {
    const row = this.#all(`${SELECT_ROWS} WHERE fileID = ?`, [fileID])[0];
    return row && parseEntry(row as unknown as ManifestRow, this.#readRecord, () => {});
  }

  count({ domain }: { readonly domain?: string } = {}): number {
    return domain === undefined
      ? this.#number('SELECT count(*) AS n FROM Files')
      : this.#number('SELECT count(*) AS n FROM Files WHERE domain = ?', [domain]);
  }

  domains(): readonly string[] {
    const rows = this.#all("SELECT DISTINCT domain FROM Files WHERE typeof(domain) = 'text' ORDER BY domain");
    return rows.map((row) => String(row['domain']));
  }

  countWithoutID(): number {
    return this.#number("SELECT count(*) AS n FROM Files WHERE typeof(fileID) <> 'text' OR fileID = ''");
  }

  get place(): ManifestPlace {
    return { databasePath: this.#copy.databasePath, blobLayout: this.blobLayout };
  }

  blobPath(fileID: string): TreePath {
    return blobPath(fileID, this.blobLayout);
  }

  isSound(): boolean {
    const rows = this.#all('PRAGMA quick_check(1)');
    return rows.length === 1 && rows[0]?.['quick_check'] === 'ok';
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    await this.#copy.remove();
  }

  #indexByPlace(): void {
    if (this.#isIndexed) return;
    if (!this.#database.isOpen) throw backupError('manifest-closed');
    asDamage('damaged pages', () => {
      const writable = new DatabaseSync(this.#copy.databasePath);
      try {
        writable.exec(`PRAGMA trusted_schema = OFF; PRAGMA synchronous = OFF; ${INDEX_BY_PLACE}`);
      } finally {
        writable.close();
      }
    });
    this.#isIndexed = true;
  }

  #page(
    select: string,
    { domain, afterFileID = '', throughFileID }: EntryQuery,
    ...more: readonly string[]
  ): readonly Record<string, unknown>[] {
    const conditions = ["typeof(fileID) = 'text'", 'fileID > ?', ...more];
    const values: SQLInputValue[] = [afterFileID];
    if (throughFileID !== undefined) conditions.push('fileID <= ?') && values.push(throughFileID);
    if (domain !== undefined) conditions.push('domain = ?') && values.push(domain);
    return this.#all(
      `${select} WHERE ${conditions.join(' AND ')} ORDER BY fileID LIMIT ${ROWS_AT_A_TIME}`,
      values,
    );
  }

  #number(sql: string, values: readonly SQLInputValue[] = []): number {
    return Number(this.#all(sql, values)[0]?.['n']);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    this.#statements.set(sql, statement);
    return statement;
  }

  #all(sql: string, values: readonly SQLInputValue[] = []): readonly Record<string, unknown>[] {
    if (!this.#database.isOpen) throw backupError('manifest-closed');
    return asDamage('damaged pages', () => {
      return this.#statement(sql).all(...values);
    });
  }
}

/** SQLite compares texts by their UTF-8. */
function placeKey(place: readonly string[]): Buffer {
  return Buffer.from(place.join('\0'));
}

const SELECT_ROWS = `SELECT fileID, domain, relativePath, flags,
  CASE WHEN length(file) <= ${RECORD_BYTES_MAX} THEN CAST(file AS BLOB) END AS file FROM Files`;

const IS_OF_FILE = `(flags & ${KIND_BITS}) = ${REGULAR_FILE}`;

const INDEX_BY_PLACE = `CREATE INDEX IF NOT EXISTS rootcellar_by_place
  ON Files (domain COLLATE BINARY, relativePath COLLATE BINARY, fileID COLLATE BINARY)`;

const NEXT_OF_DOMAIN = `WHERE domain = ? COLLATE BINARY AND typeof(relativePath) = 'text' AND typeof(fileID) = 'text'
  AND (relativePath COLLATE BINARY, fileID COLLATE BINARY) > (?, ?)
  ORDER BY relativePath COLLATE BINARY, fileID COLLATE BINARY LIMIT ${ROWS_AT_A_TIME}`;
