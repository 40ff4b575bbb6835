import { setImmediate } from 'node:timers/promises';
import type { BrowsedFile } from '@rootcellar/api';
import { domainsOfApp, type EntrySelection, entryFilter, type ManifestEntry } from '@rootcellar/operations';
import { hubError } from '../errors.ts';
import type { OpenedBackup } from './open-backups.ts';

/** Looked at in one go: some milliseconds, then others have their turn. */
const ENTRIES_AT_A_TIME = 1000;

export interface FileQuery extends EntrySelection {
  readonly kind?: ManifestEntry['kind'] | undefined;
  /** Of the last one of the page before. */
  readonly afterFileID?: string | undefined;
}

/** What of a backup somebody asks for, in the order of domains and paths. @throws `hub.file-unknown` */
export async function* browsedEntries(
  { backup }: OpenedBackup,
  { afterFileID, kind, ...selection }: FileQuery,
  signal: AbortSignal,
): AsyncGenerator<ManifestEntry> {
  const { manifest } = backup;
  const after = afterFileID === undefined ? undefined : manifest.entry(afterFileID);
  if (afterFileID !== undefined && after === undefined) throw hubError('file-unknown');
  const fits = entryFilter(selection, manifest.domains());
  let count = 0;
  for (const entry of manifest.entriesByPlace({ domains: domainsOf(manifest, selection), after })) {
    if (++count % ENTRIES_AT_A_TIME === 0) await setImmediate();
    signal.throwIfAborted();
    if ((kind === undefined || entry.kind === kind) && fits(entry)) yield entry;
  }
}

/** How many there are; `null` where only looking at each would tell. */
export function countEntries({ backup: { manifest } }: OpenedBackup, query: FileQuery): number | null {
  if (query.like !== undefined || query.kind !== undefined) return null;
  const domains = domainsOf(manifest, query);
  return domains.reduce((sum, domain) => sum + manifest.count({ domain }), 0);
}

/** @throws `hub.file-unknown` */
export function requireFile({ backup }: OpenedBackup, fileID: string): ManifestEntry {
  const entry = backup.manifest.entry(fileID);
  if (entry?.kind !== 'file') throw hubError('file-unknown');
  return entry;
}

export function fileAnswer({
  fileID,
  domain,
  relativePath,
  kind,
  sizeBytes,
  modifiedAt,
}: ManifestEntry): BrowsedFile {
  const isDate = modifiedAt !== undefined && !Number.isNaN(modifiedAt.getTime());
  return {
    fileID,
    domain,
    path: relativePath,
    kind,
    sizeBytes: Math.max(0, sizeBytes ?? 0),
    modifiedAt: isDate ? modifiedAt.toISOString() : null,
  };
}

function domainsOf(
  manifest: OpenedBackup['backup']['manifest'],
  { domain, app }: EntrySelection,
): readonly string[] {
  const all = manifest.domains();
  const ofApp = app === undefined ? undefined : domainsOfApp(app, all);
  return all.filter((name) => name === (domain ?? name) && (ofApp?.has(name) ?? true));
}
