import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadableTree, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { HASHED_CONTROL_FILES, type ReceivedHashes, receivedHashOf } from '../folder/received-hashes.ts';
import { type Manifest, openManifest } from '../manifest/manifest.ts';
import type { CopyOptions } from '../manifest/manifest-copy.ts';
import { checkOnAllCores } from './all-cores.ts';
import { checkBlobsAlone, checkBlobsAndRows } from './blobs.ts';
import { checkControlFiles } from './control-files.ts';
import { isDamage } from './damage.ts';
import { hashFile } from './proof.ts';
import { type Verification, VerificationReport } from './verification.ts';

export interface VerifyOptions extends CopyOptions {
  /** Also look into databases, property lists, pictures, films. For `verifyBackup` alone. */
  readonly deep?: boolean;
  /** What is known of the blobs as they arrived, see `parseReceivedHashes`. */
  readonly received?: ReceivedHashes | undefined;
  /** That is kept somewhere, and cannot be read. */
  readonly areHashesDamaged?: boolean | undefined;
  /**
   * Files that an earlier check has found whole and that nobody has touched since: of these only the
   * names are compared. For `checkWhole` alone.
   */
  readonly isUnchanged?: (fileID: string) => boolean;
  /** Where the tree lies on this computer, if it lies there as it is: then all cores can read it. */
  readonly diskFolder?: string | undefined;
  /** Called now and then with what has been looked at so far. */
  readonly onProgress?: (sofar: { readonly files: number; readonly bytes: number }) => void;
}

/** Fewer entries are checked before other threads have started. */
const WORTH_THREADS = 2000;

/**
 * `names`: names, sizes and states only. `content`: all that can be proved is read. `deep`: everything is read and
 * looked into.
 */
export type Depth = 'names' | 'content' | 'deep';

/**
 * Says whether a backup folder is whole. Without `deep`, files are read for which there is a hash, and the ends and
 * starts of others; with it, everything is read, decrypted if there are keys, and looked into.
 *
 * Damage never throws, it is found. What the tree itself throws comes through, unless it says that a single file is damaged
 * or gone: what says nothing of the backup (a network that is down) ends the verification without a verdict.
 *
 * @param tree its root is the folder of one device
 */
export async function verifyBackup(tree: ReadableTree, options: VerifyOptions = {}): Promise<Verification> {
  const { isUnchanged: _, ...all } = options;
  return verify(tree, options.deep ? 'deep' : 'content', all);
}

/**
 * The same without reading the content of files: are the control files sound, was the backup finished, and is
 * everything there in the right size? Then `whole` means that nothing is missing, not that nothing changed.
 */
export async function checkWhole(tree: ReadableTree, options: VerifyOptions = {}): Promise<Verification> {
  return verify(tree, 'names', options);
}

async function verify(tree: ReadableTree, depth: Depth, options: VerifyOptions): Promise<Verification> {
  const report = new VerificationReport();
  const { isEncrypted } = await checkControlFiles(tree, report);
  const { keys, received } = options;
  if (keys && keys.damagedClasses.length > 0) report.find('class-key-damaged');
  if (options.areHashesDamaged) report.find('hashes-unreadable');
  if (received && depth !== 'names') await checkReceived(tree, received, report);
  const manifest = await tryManifest(tree, report, options);
  if (manifest === undefined) {
    await checkBlobsAlone({
      tree,
      report,
      isEncrypted,
      received: depth === 'names' ? undefined : received,
      options,
    });
    return report.finish();
  }
  const workFolder = await mkdtemp(join(options.temporaryFolder ?? tmpdir(), 'rootcellar-verify-'));
  try {
    checkManifest(manifest, report);
    const check = { tree, manifest, report, depth, isEncrypted, keys, received, workFolder, options };
    const { diskFolder } = options;
    const isForThreads = manifest.blobLayout === 'sharded' && manifest.count() >= WORTH_THREADS;
    if (diskFolder && depth !== 'names' && isForThreads) {
      await checkOnAllCores(check, diskFolder);
    } else await checkBlobsAndRows(check);
  } catch (error) {
    if (!backupError.matches(error, 'manifest-damaged')) throw error;
    report.find('manifest-unreadable');
  } finally {
    await manifest.close();
    await rm(workFolder, { recursive: true, force: true });
  }
  return report.finish();
}

async function tryManifest(
  tree: ReadableTree,
  report: VerificationReport,
  options: VerifyOptions,
): Promise<Manifest | undefined> {
  try {
    return await openManifest(tree, options);
  } catch (error) {
    const isSealed = backupError.matches(error, 'manifest-encrypted');
    if (isSealed && !options.deep && options.received?.has('Manifest.db')) {
      report.find('manifest-sealed');
      return undefined;
    }
    const code = WITHOUT_MANIFEST.find(([name]) => backupError.matches(error, name))?.[1];
    if (code !== undefined) report.find(code);
    else if (isDamage(error)) report.find('manifest-unreadable');
    else throw error;
    return undefined;
  }
}

const WITHOUT_MANIFEST = [
  ['manifest-encrypted', 'manifest-encrypted'],
  ['manifest-missing', 'manifest-missing'],
  ['manifest-key-missing', 'manifest-key-unreadable'],
  ['file-key-damaged', 'manifest-key-unreadable'],
] as const;

/** The files that describe the backup, against what they were when they arrived. */
async function checkReceived(
  tree: ReadableTree,
  received: ReceivedHashes,
  report: VerificationReport,
): Promise<void> {
  for (const name of HASHED_CONTROL_FILES) {
    const path = treePath(name);
    const hash = receivedHashOf(received, name);
    if (hash === undefined || (await tree.stat(path)) === undefined) continue;
    try {
      if (!(await hashFile(tree, path, 'sha256')).equals(hash))
        report.find('changed-since-received', { path });
    } catch (error) {
      if (!isDamage(error)) throw error;
      report.find('blob-unreadable', { path });
    }
  }
}

function checkManifest(manifest: Manifest, report: VerificationReport): void {
  if (!manifest.isKnownVersion) report.find('manifest-version-unknown');
  if (!manifest.isSound()) report.find('manifest-unreadable');
  if (manifest.countWithoutID() > 0) report.find('row-unreadable');
}
