import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { encodeReceivedHashes, type Manifest, openManifest, readStatus } from '@rootcellar/backup';
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
import { lockFolder } from '../device-lock.ts';
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
 * @throws `operation.export-exists`, `operation.device-busy`, `tree.*` as `OperationFailure`
 */
export function exportFolder(options: ExportFolderOptions): Promise<ExportReport> {
  const { dataFolder, what, to, onProgress, signal } = options;
  return runOperation(
    async () => {
      const found = await findBackup(what, dataFolder);
      const name = await found.lockName();
      const home = folderTree(to);
      const place = joinPath(ROOT, name);
      const hashes = hashFileOf(name);
      const requireFree = async () => {
        for (const path of [place, hashes])
          if ((await home.stat(path)) !== undefined) throw operationError('export-exists');
      };
      const unlock = await lockFolder({
        dataFolder,
        folder: join(realpathSync(to), name),
        operation: 'export',
      });
      const draft = joinPath(ROOT, `.rootcellar-export-${name}`);
      let hasHashes = false;
      try {
        await requireFree();
        const source = await found.open();
        const { tree, received } = source;
        await home.remove(draft);
        await home.makeFolder(draft);
        const told = (sofar: Omit<Copied, 'lost'>) => onProgress?.({ phase: 'exporting', ...sofar });
        const copy = () => copyReadable(tree, { home, to: draft }, { onProgress: told, signal });
        const { files, bytes, lost } = await source.hold(copy, signal);
        // Before it is in its place: who fails then has changed something.
        const incomplete = await isUnfinished(source);
        const named = await namesOf(tree, lost, signal);
        await requireFree(); // Somebody else may have put something there meanwhile.
        if (received) await home.write(hashes, encodeReceivedHashes(received, name));
        hasHashes = received !== undefined;
        await home.flush();
        await home.move(draft, place);
        await home.flush();
        return { folder: join(to, name), files, bytes, incomplete, lost: named };
      } catch (error) {
        if (hasHashes) await home.remove(hashes);
        await home.remove(draft);
        throw error;
      } finally {
        await unlock();
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
    return unnamed.map((one) => ({ ...one, ...nameIn(manifest, one.path) }));
  } finally {
    await manifest.close();
  }
}

/** A row that cannot be read names nothing. */
function nameIn(manifest: Manifest, path: TreePath): Pick<LostFile, 'domain' | 'relativePath'> | undefined {
  try {
    const entry = manifest.entry(nameOf(path));
    return entry && { domain: entry.domain, relativePath: entry.relativePath };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return undefined;
  }
}

/** Of a folder that another program has not finished, only its status tells. */
async function isUnfinished({ tree, isIncomplete }: BackupSource): Promise<boolean> {
  if (isIncomplete === true) return true;
  const status = await readStatus(tree).catch(() => undefined);
  return status?.snapshotState !== undefined && status.snapshotState !== 'finished';
}
