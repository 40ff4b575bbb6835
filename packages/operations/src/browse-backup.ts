import {
  type Backup,
  type EntrySelection,
  type Extraction,
  entryFilter,
  extractFiles,
  type LeftOut,
  type ManifestEntry,
  openBackup,
} from '@rootcellar/backup';
import { countWords, type KnownError, type ProgressListener } from '@rootcellar/core';
import { keysOf, type PasswordSource } from './backup-password.ts';
import { type BackupSource, type BackupWhat, openBackupSource } from './backup-source.ts';
import { type FailureMeaning, nothingChanged, runOperation } from './run-operation.ts';

export interface BrowseOptions {
  readonly what: BackupWhat;
  readonly password?: PasswordSource | undefined;
  /** Where vaults are looked for; without it, only folders are. */
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

export interface ReadableBackup extends Pick<BackupSource, 'folder' | 'hold'> {
  readonly backup: Backup;
}

/**
 * Opens a backup, lets `work` read in it, and closes it. Changes nothing.
 *
 * @param meaning of a failure, where `work` writes elsewhere
 * @throws `operation.folder-unknown`, `operation.folder-ambiguous`, `backup.*` as `OperationFailure`
 */
export function readBackup<Result>(
  options: BrowseOptions,
  work: (opened: ReadableBackup) => Promise<Result>,
  meaning: (error: KnownError | undefined) => Promise<FailureMeaning> = nothingChanged,
): Promise<Result> {
  const { what, password, signal, onProgress } = options;
  return runOperation(
    async () => {
      const { tree, folder, hold } = await openBackupSource(what, options.dataFolder);
      onProgress?.({ phase: 'unlocking' });
      const keys = await keysOf(tree, password, signal);
      onProgress?.({ phase: 'opening' });
      const backup = await openBackup(tree, { keys, ...(signal && { signal }) });
      try {
        return await work({ folder, backup, hold });
      } finally {
        await backup.close();
      }
    },
    meaning,
    signal,
  );
}

/** What of a backup somebody asks for, in the order of domains and paths. */
export function listFiles(
  options: BrowseOptions & { readonly selection: EntrySelection },
): Promise<{ readonly folder: string; readonly entries: readonly ManifestEntry[] }> {
  return readBackup(options, async ({ folder, backup: { manifest } }) => {
    const fits = entryFilter(options.selection, manifest.domains());
    const entries: ManifestEntry[] = [];
    for (const entry of entriesOf({ manifest }, options.selection)) {
      options.signal?.throwIfAborted();
      if (fits(entry)) entries.push(entry);
    }
    return { folder, entries: entries.sort(byPlace) };
  });
}

export interface ExtractBackupOptions extends BrowseOptions {
  readonly selection: EntrySelection;
  /** A folder on this computer; made if missing. */
  readonly to: string;
  readonly onLeftOut?: (leftOut: LeftOut) => void;
}

/**
 * Copies files out of a backup, decrypted, with their names, dates and permissions. What is there already is not
 * overwritten, and not written again.
 */
export function extractBackup(
  options: ExtractBackupOptions,
): Promise<Extraction & { readonly folder: string }> {
  const { selection, to, onLeftOut, onProgress, signal } = options;
  let written = 0;
  const meaning = async (error: KnownError | undefined): Promise<FailureMeaning> => {
    const nothing = await nothingChanged(error);
    return written === 0 ? nothing : { ...nothing, yourData: writtenWords(written, to) };
  };
  const work = async ({ folder, backup, hold }: ReadableBackup) => {
    const { manifest, tree } = backup;
    const fits = entryFilter(selection, manifest.domains());
    const extract = (): Promise<Extraction> =>
      extractFiles({
        entries: Iterator.from(entriesOf(backup, selection)).filter(fits),
        read: (entry) => backup.read(entry, { lent: true }),
        source: { tree, pathOf: ({ fileID }) => manifest.blobPath(fileID) },
        to,
        onProgress({ files, bytes, kept }) {
          written = files;
          onProgress?.({ phase: 'extracting', files: files + kept, bytes });
        },
        ...(onLeftOut && { onLeftOut }),
        ...(signal && { signal }),
      });
    const extraction = await hold(extract, signal);
    return { folder, ...extraction };
  };
  return readBackup(options, work, meaning);
}

/** Each has its name only when it is whole. */
function writtenWords(files: number, to: string): string {
  return `${countWords(files, 'file')} ${files === 1 ? 'was' : 'were'} written into ${to} before that, and ${files === 1 ? 'is' : 'are'} whole. The backup is as it was.`;
}

function entriesOf(
  { manifest }: Pick<Backup, 'manifest'>,
  { domain }: EntrySelection,
): Iterable<ManifestEntry> {
  return manifest.entries(domain === undefined ? {} : { domain });
}

function byPlace(one: ManifestEntry, other: ManifestEntry): number {
  return compareText(one.domain, other.domain) || compareText(one.relativePath, other.relativePath);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
