import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, KnownError, treeError, treePath } from '@rootcellar/core';
import { damagedAt, lacksPacks, openSnapshot, vaultError } from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { hasVaultAt, storageAtLocation } from '../vault/location-storage.ts';
import {
  locationOfVault,
  newestFinished,
  openPhoneVault,
  type PhoneVault,
  phonesWithVault,
} from '../vault/phone-vault.ts';
import { lookForMissed, missedError } from '../vault/remembered-newest.ts';
import { vaultAway } from '../vault/vault-away.ts';
import type { FolderLocation } from '../vault/vault-location.ts';
import { type Check, type FindingName, type Platform, say } from './findings.ts';

/**
 * Are the vaults where they were last time, do they open, and what is known of their newest backups? Servers are not asked: nobody
 * is waited for. No file of a backup is read.
 */
export async function checkVaults(dataFolder: string, platform: Platform): Promise<Check> {
  let phones: readonly string[];
  try {
    phones = await phonesWithVault(dataFolder);
  } catch (error) {
    // That the data folder is none, its own check says.
    if (!treeError.matches(error, 'not-a-folder')) return saidBy(error, 'vault-not-opened', platform);
    phones = [];
  }
  if (phones.length === 0) return say('vaults-none', platform);
  for (const udid of phones) {
    const problem = await problemOf(dataFolder, udid, platform);
    if (problem !== undefined) return problem;
  }
  return say('vaults-in-place', platform);
}

async function problemOf(dataFolder: string, udid: string, platform: Platform): Promise<Check | undefined> {
  try {
    const location = await locationOfVault(dataFolder, udid);
    if (location === undefined || location.kind !== 'folder') return undefined;
    if (!(await hasVaultAt(location, undefined))) throw vaultAway(udid, location);
    const keys = await Array.fromAsync(storageAtLocation(location, undefined).list('keys'));
    if (keys.length === 0) throw vaultError('keys-missing');
    const vault = await openPhoneVault(dataFolder, udid);
    if (vault === undefined) return undefined;
    if (!(await mayWrite(location))) return say('vault-not-writable', platform, { udid });
    return await problemIn(vault, dataFolder, platform);
  } catch (error) {
    const isAway = operationError.matches(error, 'vault-away');
    return saidBy(error, isAway ? 'vault-not-found' : 'vault-not-opened', platform);
  }
}

/** Asking changes nothing; an owner who is root may always write, as far as that tells. */
async function mayWrite({ folder }: FolderLocation): Promise<boolean> {
  const asked = ['snapshots', 'data', 'index'].map((name) => access(join(folder, name), constants.W_OK));
  return (await Promise.allSettled(asked)).every(
    (one) => one.status === 'fulfilled' || isErrno(one.reason, 'ENOENT'),
  );
}

async function problemIn(
  { udid, contents }: PhoneVault,
  dataFolder: string,
  platform: Platform,
): Promise<Check | undefined> {
  const unreadable: string[] = [];
  const { shown, missed } = await lookForMissed(
    { dataFolder, udid, repository: contents.repository },
    { onUnreadable: (record) => unreadable.push(record) },
  );
  if (unreadable.length > 0) return say('vault-record-damaged', platform, { udid });
  const [first] = missed;
  if (first) return saidBy(missedError(first), 'newest-backup-missed', platform);
  const newest = newestFinished(shown);
  if (newest && damagedAt(newest) !== undefined) return say('newest-backup-damaged', platform, { udid });
  // Its index may be lost, or what that names.
  if (newest) await openSnapshot(contents, newest).stat(treePath(udid));
  if (await lacksPacks(contents)) return say('vault-lacks-packs', platform, { udid });
  const isAnyDamaged = shown.some((snapshot) => damagedAt(snapshot) !== undefined);
  return isAnyDamaged ? say('older-backup-damaged', platform, { udid }) : undefined;
}

/** In the words of an error, which say more than those of the finding. @throws what is none of ours */
function saidBy(error: unknown, finding: FindingName, platform: Platform): Check {
  if (!(error instanceof KnownError)) throw error;
  return { ...say(finding, platform), sentence: error.happened, help: error.next };
}
