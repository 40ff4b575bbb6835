import { hostname, userInfo } from 'node:os';
import { checkWhole, encodeReceivedHashes, readManifestPlist, readStatus } from '@rootcellar/backup';
import { memoryTree, nestedTree, type ProgressListener, unionTree } from '@rootcellar/core';
import type { Snapshot } from '@rootcellar/vault';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { findBackup } from '../backup-source.ts';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { finishedSnapshots, openOrCreatePhoneVault, requireUdid } from './phone-vault.ts';
import { saveOnAllCores } from './save-on-all-cores.ts';

export interface ImportFolderOptions {
  readonly dataFolder: string;
  /** A backup folder made by anyone, or a folder that holds exactly one. */
  readonly folder: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportReport {
  readonly snapshot: string;
  readonly udid: string;
  readonly files: number;
  readonly bytes: number;
  /** What it added to the vault. */
  readonly addedBytes: number;
}

/**
 * Takes a backup folder into the vault of its phone, as it lies there. The folder is not changed. Imported again, only
 * files of another size or date are read.
 *
 * @throws `operation.folder-*`, `operation.not-finished`, `operation.device-busy` as `OperationFailure`
 */
export function importFolder(options: ImportFolderOptions): Promise<ImportReport> {
  const { dataFolder, folder, onProgress, signal } = options;
  return runOperation(
    async () => {
      const found = await findBackup(folder);
      const { tree, received } = await found.open();
      const status = await readStatus(tree);
      if (status.snapshotState !== undefined && status.snapshotState !== 'finished')
        throw operationError('import-not-finished');
      const { lockdown } = await readManifestPlist(tree);
      const udid = lockdown.uniqueDeviceID ?? (await found.lockName());
      requireUdid(udid);
      const { verdict, findings } = await checkWhole(tree, { ...(signal && { signal }) });
      if (verdict === 'damaged' || verdict === 'incomplete')
        throw operationError('import-not-whole', { findings: findings.length });
      const unlock = await lockDevice({ dataFolder, udid, operation: 'import' });
      try {
        const vault = await openOrCreatePhoneVault(dataFolder, udid, signal);
        const parent = (await finishedSnapshots(vault, signal)).at(-1);
        const beside = memoryTree();
        if (received) await beside.write(hashFileOf(udid), encodeReceivedHashes(received, udid));
        const sofar = { files: 0, bytes: 0 };
        const snapshot = await saveOnAllCores(vault.contents, {
          tree: unionTree(beside, nestedTree(tree, udid)),
          paths: [`/${udid}`],
          hostname: hostname(),
          username: userInfo().username,
          tags: [`device:${udid}`, 'kept:sealed'],
          ...(status.date && { time: status.date }),
          ...(parent && { parent }),
          checkpoints: {},
          signal,
          onFile({ sizeBytes }) {
            sofar.files += 1;
            sofar.bytes += sizeBytes;
            onProgress?.({ phase: 'storing', ...sofar });
          },
        });
        return reportOf(snapshot, udid);
      } finally {
        await unlock();
      }
    },
    nothingChanged,
    signal,
  );
}

function reportOf({ id, summary }: Snapshot, udid: string): ImportReport {
  const { files = 0, bytes = 0, addedPackedBytes = 0 } = summary ?? {};
  return { snapshot: id, udid, files, bytes, addedBytes: addedPackedBytes };
}
