import { parentPort } from 'node:worker_threads';
import { folderTree, toErrorMessage } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { keysFrom } from '../keybag/backup-keys.ts';
import { reopenManifest } from '../manifest/manifest.ts';
import type { ShardAnswer, ShardMessage, ShardWorkerData } from './all-cores.ts';
import { type BlobCheck, checkShard } from './blobs.ts';
import { VerificationReport } from './verification.ts';

/* A thread that checks parts of a backup, one after the other, as it is asked to. */

type Opened = Omit<BlobCheck, 'report' | 'received'>;

let opened: Opened | undefined;

function open({ diskFolder, place, keys: message, depth, isEncrypted, workFolder }: ShardWorkerData): Opened {
  const keys = message && keysFrom(message);
  const tree = folderTree(diskFolder);
  return { tree, manifest: reopenManifest(place, keys), depth, isEncrypted, keys, workFolder, options: {} };
}

async function check(index: number, received: BlobCheck['received']): Promise<ShardAnswer> {
  const report = new VerificationReport();
  try {
    if (opened === undefined) throw new Error('A thread was given a part, and no backup.');
    await checkShard({ ...opened, report, received }, index);
  } catch (error) {
    if (!backupError.matches(error, 'manifest-damaged')) return { failure: toErrorMessage(error) };
    report.find('manifest-unreadable');
  }
  return { part: report.toPart() };
}

parentPort?.on('message', (message: ShardMessage) => {
  if ('backup' in message) {
    void opened?.manifest.close();
    opened = message.backup && open(message.backup);
  } else void check(message.index, message.received).then((answer) => parentPort?.postMessage(answer));
});
