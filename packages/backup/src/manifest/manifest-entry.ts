import { KnownError } from '@rootcellar/core';
import { type Finding, finding } from '../finding.ts';
import { isFileID } from '../folder/blob-path.ts';
import type { FileRecord } from './file-record.ts';

export type EntryKind = 'file' | 'folder' | 'link';

/** One file, folder or link of the device. */
export interface ManifestEntry extends Omit<FileRecord, 'relativePath'> {
  /** 40 lower-case hex digits; the content of a file lies under this name. */
  readonly fileID: string;
  readonly domain: string;
  /** As the device spells it; untrusted. Empty for the root of a domain. */
  readonly relativePath: string;
  readonly kind: EntryKind;
}

/** A row of the table `Files`, as SQLite gives it: any column may hold anything. */
export interface ManifestRow {
  readonly fileID: unknown;
  readonly domain: unknown;
  readonly relativePath: unknown;
  readonly flags: unknown;
  readonly file: unknown;
}

/** Reads what the column `file` holds, which depends on the version. Throws a `KnownError` if it cannot. */
export type RecordReader = (file: Uint8Array) => FileRecord;

/** Higher bits are set while a session runs. */
const KIND_BITS = 7n;

/** Source: manifests of iOS 14 to 16; mode bits as in `<sys/stat.h>`. */
const KIND_BY_FLAG: ReadonlyMap<bigint, EntryKind> = new Map([
  [1n, 'file'],
  [2n, 'folder'],
  [4n, 'link'],
]);
const MODE_KIND_MASK = 0xf000;
const KIND_BY_MODE: ReadonlyMap<number, EntryKind> = new Map([
  [0x8000, 'file'],
  [0x4000, 'folder'],
  [0xa000, 'link'],
]);

/** Turns a row into an entry, or says to `report` why it cannot. */
export function parseEntry(
  row: ManifestRow,
  readRecord: RecordReader,
  report: (found: Finding) => void,
): ManifestEntry | undefined {
  const { fileID, domain, relativePath, flags } = row;
  const file = typeof row.file === 'string' ? Buffer.from(row.file) : row.file;
  if (typeof fileID !== 'string' || !isFileID(fileID)) {
    report(finding('row-unreadable'));
    return undefined;
  }
  if (typeof domain !== 'string' || typeof relativePath !== 'string' || !(file instanceof Uint8Array)) {
    report(finding('row-incomplete', { fileID }));
    return undefined;
  }
  const place = { fileID, domain, path: relativePath };
  const record = tryRecord(readRecord, file);
  const kind = record && kindOf(flags, record.mode);
  if (record === undefined || kind === undefined) {
    report(finding('row-unreadable', place));
    return undefined;
  }
  if (contradicts(record, relativePath, kind)) report(finding('row-contradicts-itself', place));
  const { relativePath: _, ...attributes } = record;
  return { fileID, domain, relativePath, kind, ...attributes };
}

function tryRecord(readRecord: RecordReader, bytes: Uint8Array): FileRecord | undefined {
  try {
    return readRecord(bytes);
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

function kindOf(flags: unknown, mode: number | undefined): EntryKind | undefined {
  const byFlag = typeof flags === 'bigint' ? KIND_BY_FLAG.get(flags & KIND_BITS) : undefined;
  return byFlag ?? kindByMode(mode);
}

/** The kind that the bits of `st_mode` tell. */
export function kindByMode(mode: number | undefined): EntryKind | undefined {
  return mode === undefined ? undefined : KIND_BY_MODE.get(mode & MODE_KIND_MASK);
}

function contradicts(record: FileRecord, relativePath: string, kind: EntryKind): boolean {
  const namesDiffer = record.relativePath !== undefined && record.relativePath !== relativePath;
  return namesDiffer || (record.mode !== undefined && kindByMode(record.mode) !== kind);
}
