import { KnownError } from '@rootcellar/core';
import { damagedAt, vaultError } from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { hasVaultAt, storageAtLocation } from '../vault/location-storage.ts';
import { isIncomplete, locationOfVault, openRepositoryOf, phonesWithVault } from '../vault/phone-vault.ts';
import { lookForMissed, missedError, type VaultOfPhone } from '../vault/remembered-newest.ts';
import { vaultAway } from '../vault/vault-away.ts';
import { type Check, type FindingName, type Platform, say } from './findings.ts';

/**
 * Are the vaults where they were last time, do they open, and what is known of their newest backups? Servers are not asked: nobody
 * is waited for. No file of a backup is read.
 */
export async function checkVaults(dataFolder: string, platform: Platform): Promise<Check> {
  // What cannot be listed is found by the check of the data folder.
  const phones = await phonesWithVault(dataFolder).catch(unlessKnown);
  if (phones === undefined || phones.length === 0) return say('vaults-none', platform);
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
    const repository = await openRepositoryOf(dataFolder, udid);
    return await problemIn({ dataFolder, udid, repository }, platform);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const isAway = operationError.matches(error, 'vault-away');
    return saidBy(error, isAway ? 'vault-not-found' : 'vault-not-opened', platform);
  }
}

/** An older one that is damaged is no problem of today: the next ones are not built on it. */
async function problemIn(vault: VaultOfPhone, platform: Platform): Promise<Check | undefined> {
  const { udid } = vault;
  const unreadable: string[] = [];
  const { shown, missed } = await lookForMissed(vault, { onUnreadable: (record) => unreadable.push(record) });
  if (unreadable.length > 0) return say('vault-record-damaged', platform, { udid });
  const [first] = missed;
  if (first) return saidBy(missedError(first), 'newest-backup-missed', platform);
  const newest = shown.findLast((snapshot) => !isIncomplete(snapshot));
  const isDamaged = newest !== undefined && damagedAt(newest) !== undefined;
  return isDamaged ? say('newest-backup-damaged', platform, { udid }) : undefined;
}

/** In the words of an error, which say more than those of the finding. */
function saidBy(
  { happened: sentence, next: help }: KnownError,
  finding: FindingName,
  platform: Platform,
): Check {
  return { ...say(finding, platform), sentence, help };
}

function unlessKnown(error: unknown): undefined {
  if (!(error instanceof KnownError)) throw error;
  return undefined;
}
