import { parentPort, workerData } from 'node:worker_threads';
import { folderTree } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { keysFrom } from '../keybag/backup-keys.ts';
import { reopenManifest } from '../manifest/manifest.ts';
import type { ShardAnswer, ShardTask, ShardWorkerData } from './all-cores.ts';
import { checkShard } from './blobs.ts';
import { VerificationReport } from './verification.ts';

/* A thread that checks parts of a backup, one after the other, as it is asked to. */

const { diskFolder, place, keys: message, depth, isEncrypted, workFolder } = workerData as ShardWorkerData;
const keys = message && keysFrom(message);
const tree = folderTree(diskFolder);
const manifest = reopenManifest(place, keys);

async function check({ index, received }: ShardTask): Promise<ShardAnswer> {
  const report = new VerificationReport();
  try {
    await checkShard(
      { tree, manifest, report, depth, isEncrypted, keys, received, workFolder, options: {} },
      index,
    );
  } catch (error) {
    if (!backupError.matches(error, 'manifest-damaged')) return { failure: error };
    report.find('manifest-unreadable');
  }
  return { part: report.toPart() };
}

parentPort?.on('message', (task: ShardTask) => {
  void check(task).then((answer) => parentPort?.postMessage(answer));
});
