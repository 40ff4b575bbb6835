import { type ReadableTree, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import type { FindingCode } from '../finding.ts';
import { readInfo } from '../folder/info.ts';
import { type ManifestPlist, readManifestPlist } from '../folder/manifest-plist.ts';
import { type BackupStatus, readStatus } from '../folder/status.ts';
import { type Keybag, parseKeybag } from '../keybag/keybag.ts';
import type { VerificationReport } from './verification.ts';

const FINISHED = 'finished';

/** Protection class and wrapped key. */
const WRAPPED_KEY_BYTES = 44;

export interface ControlFiles {
  readonly isEncrypted: boolean;
  readonly manifestPlist: ManifestPlist | undefined;
}

/** Checks the three property lists and what an interrupted session leaves behind. */
export async function checkControlFiles(
  tree: ReadableTree,
  report: VerificationReport,
): Promise<ControlFiles> {
  const info = await tryRead('info-unreadable', () => readInfo(tree), report);
  const status = await tryRead('status-unreadable', () => readStatus(tree), report);
  const manifest = await tryRead('manifest-plist-unreadable', () => readManifestPlist(tree), report);
  if (status !== undefined) checkState(status, report);
  const known = info?.targetIdentifier?.toUpperCase();
  const named = manifest?.lockdown.uniqueDeviceID?.toUpperCase();
  if (known !== undefined && named !== undefined && known !== named) report.find('identities-differ');
  if (manifest?.isEncrypted) checkKeys(manifest, report);
  await checkLeftovers(tree, report);
  return { isEncrypted: manifest?.isEncrypted ?? false, manifestPlist: manifest };
}

/** What can be said of the keys without the password. */
function checkKeys({ backupKeyBag, manifestKey }: ManifestPlist, report: VerificationReport): void {
  const keybag = backupKeyBag && tryKeybag(backupKeyBag);
  if (keybag === undefined) report.find('keybag-unreadable');
  // iOS 10.1 and older had no key of the list.
  if (keybag === undefined || manifestKey === undefined) return;
  const isKnown = (protectionClass: number) =>
    keybag.classKeys.some((key) => key.protectionClass === protectionClass);
  const isWhole = manifestKey.length === WRAPPED_KEY_BYTES;
  if (!isWhole || !isKnown(Buffer.from(manifestKey).readUInt32LE())) report.find('manifest-key-unreadable');
}

function tryKeybag(bytes: Uint8Array): Keybag | undefined {
  try {
    return parseKeybag(bytes);
  } catch (error) {
    if (backupError.matches(error)) return undefined;
    throw error;
  }
}

async function tryRead<T>(
  code: FindingCode,
  read: () => Promise<T>,
  report: VerificationReport,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!backupError.matches(error)) throw error;
    report.find(code);
    return undefined;
  }
}

function checkState({ snapshotState }: BackupStatus, report: VerificationReport): void {
  if (snapshotState === undefined) report.find('status-unknown');
  else if (snapshotState !== FINISHED) report.find('not-finished');
}

async function checkLeftovers(tree: ReadableTree, report: VerificationReport): Promise<void> {
  const snapshot = treePath('Snapshot');
  if ((await tree.stat(snapshot))?.kind === 'folder') {
    for await (const _ of tree.list(snapshot)) {
      report.find('snapshot-left-over');
      break;
    }
  }
  const journal = await tree.stat(treePath('Manifest.db-wal'));
  if (journal !== undefined && journal.sizeBytes > 0) report.find('manifest-journal');
}
