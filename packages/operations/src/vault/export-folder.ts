import { join } from 'node:path';
import { encodeReceivedHashes } from '@rootcellar/backup';
import {
  AtOnce,
  entryToRead,
  folderTree,
  foreseeing,
  joinPath,
  type ProgressListener,
  ROOT,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { everything } from '../back-up-device/tree-work.ts';
import { type BackupWhat, findBackup } from '../backup-source.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';

export interface ExportFolderOptions {
  readonly dataFolder: string;
  readonly what: BackupWhat;
  /** The backup becomes `<to>/<UDID>/`. */
  readonly to: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** While some wait for the vault or the disk, others are written. */
const FILES_AT_ONCE = 4;

export interface ExportReport {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Gives back a backup as the plain folder that the phone wrote, byte for byte, for Finder, iTunes and others. It
 * appears under its name only when it is whole and on the disk; what stands there is never replaced.
 *
 * @throws `operation.export-exists`, `tree.*` as `OperationFailure`
 */
export function exportFolder(options: ExportFolderOptions): Promise<ExportReport> {
  const { dataFolder, what, to, signal } = options;
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
        const { tree, received, hold } = await found.open();
        const counts = await hold(() => copyAll(tree, home, draft, options), signal);
        if (received) await home.write(hashFileOf(name), encodeReceivedHashes(received, name));
        await home.flush();
        await home.move(draft, place);
        await home.flush();
        return { folder: join(to, name), ...counts };
      } catch (error) {
        await home.remove(draft);
        throw error;
      }
    },
    nothingChanged,
    signal,
  );
}

async function copyAll(
  tree: Parameters<typeof everything>[0],
  home: WritableTree,
  draft: TreePath,
  { onProgress, signal }: ExportFolderOptions,
): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  await home.remove(draft);
  await home.makeFolder(draft);
  const copying = new AtOnce(FILES_AT_ONCE);
  try {
    for await (const { path, kind, sizeBytes } of foreseeing(tree, everything(tree), entryToRead)) {
      signal?.throwIfAborted();
      if (kind === 'folder') {
        await home.makeFolder(joinPath(draft, path));
        continue;
      }
      await copying.start(async () => {
        await home.write(joinPath(draft, path), tree.read(path, undefined, { lent: true }));
        files += 1;
        bytes += sizeBytes;
        onProgress?.({ phase: 'exporting', files, bytes });
      });
    }
  } finally {
    // Also when it failed: nobody may write below a folder that is about to be removed.
    await copying.end();
  }
  return { files, bytes };
}
