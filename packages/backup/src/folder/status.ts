import { asNumber, type PlistDict } from '@rootcellar/codecs';
import type { ReadableTree } from '@rootcellar/core';
import { readControlFile } from './control-file.ts';
import { KnownKeys } from './known-keys.ts';

/** Status.plist: written by the device, 189 bytes. Every key may be missing. */
export interface BackupStatus {
  /** `empty`, `old` or `new`; `new` after a finished session. */
  readonly backupState: string | undefined;
  /** `uploading`, `moving`, `removing`, `finished`; only `finished` can be restored. */
  readonly snapshotState: string | undefined;
  /** Was the last session a full one? It does not say that the folder is incomplete. */
  readonly isFullBackup: boolean | undefined;
  /** The device's clock. */
  readonly date: Date | undefined;
  readonly uuid: string | undefined;
  /** Of the format, `3.3` since iOS 10.2. */
  readonly version: string | undefined;
  readonly others: PlistDict;
}

/** @throws `backup.plist-missing`, `backup.plist-empty`, `backup.plist-too-large`, `backup.plist-damaged` */
export async function readStatus(tree: ReadableTree): Promise<BackupStatus> {
  const dict = await readControlFile(tree, 'Status.plist');
  const keys = new KnownKeys(dict);
  return {
    backupState: keys.string('BackupState'),
    snapshotState: keys.string('SnapshotState'),
    isFullBackup: keys.boolean('IsFullBackup'),
    date: keys.date('Date'),
    uuid: keys.string('UUID'),
    version: keys.string('Version') ?? asNumber(dict['Version'])?.toString(),
    others: keys.others(),
  };
}
