import { join } from 'node:path';
import { encodeReceivedHashes, openManifest, readStatus } from '@rootcellar/backup';
import {
  folderTree,
  joinPath,
  KnownError,
  nameOf,
  type ProgressListener,
  type ReadableTree,
  ROOT,
  type TreePath,
} from '@rootcellar/core';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { type BackupSource, type BackupWhat, findBackup } from '../backup-source.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { type Copied, copyReadable } from './copy-readable.ts';

export interface ExportFolderOptions {
  readonly dataFolder: string;
  readonly what: BackupWhat;
  /** The backup becomes `<to>/<UDID>/`. */
  readonly to: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExportReport {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** It holds what is left of a backup, or what arrived of one: no phone takes it. */
  readonly incomplete: boolean;
  /** Are damaged or gone where the backup is kept, and so are not in the folder. */
  readonly lost: readonly LostFile[];
}

export interface LostFile {
  /** In the folder of the backup. */
  readonly path: TreePath;
  readonly domain: string | undefined;
  readonly relativePath: string | undefined;
}

/**
 * Gives back a backup as the plain folder that the phone wrote, byte for byte, for Finder, iTunes and others. It
 * appears under its name only when all of it that can be read is on the disk; what stands there is never replaced.
 *
 * @throws `operation.export-exists`, `tree.*` as `OperationFailure`
 */
export function exportFolder(options: ExportFolderOptions): Promise<ExportReport> {
  const { dataFolder, what, to, onProgress, signal } = options;
  return runOperation(
    async () => {
      const found = await findBackup(what, dataFolder);
      const name = await found.lockName();
      const home = folderTree(to);
      const place = joinPath(ROOT, name);
      const isTaken = (path: TreePath) => home.stat(path).then((entry) => entry !== undefined);
      if ((await isTaken(place)) || (await isTaken(hashFileOf(name)))) throw operationError('export-exists');
      const draft = joinPath(ROOT, `.rootcellar-export-${name}`);
      try {
        const source = await found.open();
        const { tree, received } = source;
        await home.remove(draft);
        await home.makeFolder(draft);
        const told = (sofar: Omit<Copied, 'lost'>) => onProgress?.({ phase: 'exporting', ...sofar });
        const copy = () => copyReadable(tree, { home, to: draft }, { onProgress: told, signal });
        const { files, bytes, lost } = await source.hold(copy, signal);
        if (received) await home.write(hashFileOf(name), encodeReceivedHashes(received, name));
        await home.flush();
        await home.move(draft, place);
        await home.flush();
        return {
          folder: join(to, name),
          files,
          bytes,
          incomplete: await isUnfinished(source),
          lost: await namesOf(tree, lost, signal),
        };
      } catch (error) {
        await home.remove(draft);
        throw error;
      }
    },
    nothingChanged,
    signal,
  );
}

/** What people know them by, as far as the list of files can be read without a password. */
async function namesOf(
  tree: ReadableTree,
  lost: readonly TreePath[],
  signal: AbortSignal | undefined,
): Promise<readonly LostFile[]> {
  const unnamed = lost.map((path) => ({ path, domain: undefined, relativePath: undefined }));
  if (lost.length === 0) return [];
  const manifest = await openManifest(tree, { ...(signal && { signal }) }).catch((error: unknown) => {
    if (!(error instanceof KnownError)) throw error;
    return undefined;
  });
  if (manifest === undefined) return unnamed;
  try {
    return unnamed.map(({ path }) => {
      const { domain, relativePath } = manifest.entry(nameOf(path)) ?? {};
      return { path, domain, relativePath };
    });
  } finally {
    await manifest.close();
  }
}

/** Of a folder that another program has not finished, only its status tells. */
async function isUnfinished({ tree, isIncomplete }: BackupSource): Promise<boolean> {
  if (isIncomplete === true) return true;
  const status = await readStatus(tree).catch(() => undefined);
  return status?.snapshotState !== undefined && status.snapshotState !== 'finished';
}
