import { KnownError } from '@rootcellar/core';
import { damagedAt, vaultError } from '@rootcellar/vault';
import { hasVaultAt, storageAtLocation } from '../vault/location-storage.ts';
import {
  isIncomplete,
  locationOfVault,
  openRepositoryOf,
  phonesWithVault,
  snapshotsToShow,
} from '../vault/phone-vault.ts';
import { missedNewest, type NewestOf, newestMissed } from '../vault/remembered-newest.ts';
import { vaultAway } from '../vault/vault-away.ts';
import { type Check, type Platform, say } from './findings.ts';

/**
 * Are the vaults where they were last time, do they open, and what is noted at their backups? Servers are not asked: nobody is
 * waited for. Nothing is read through.
 */
export async function whereVaultsLie(dataFolder: string, platform: Platform): Promise<Check> {
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
    return await notedIn({ dataFolder, udid, repository }, platform);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { ...say('vault-not-found', platform), ...wordsOf(error) };
  }
}

const wordsOf = ({ happened: sentence, next: help }: KnownError) => ({ sentence, help });

/** An older one that is damaged is no problem of today: the next ones are not built on it. */
async function notedIn(vault: NewestOf, platform: Platform): Promise<Check | undefined> {
  const { udid, repository } = vault;
  const unreadable: string[] = [];
  const shown = await snapshotsToShow(repository, udid, undefined, (recordID) => unreadable.push(recordID));
  if (unreadable.length > 0) return say('vault-record-damaged', platform, { udid });
  const missed = await missedNewest(vault, shown);
  if (missed) return { ...say('newest-backup-missed', platform), ...wordsOf(newestMissed(udid, missed)) };
  const newest = shown.findLast((snapshot) => !isIncomplete(snapshot));
  const isDamaged = newest !== undefined && damagedAt(newest) !== undefined;
  return isDamaged ? say('newest-backup-damaged', platform, { udid }) : undefined;
}

function unlessKnown(error: unknown): undefined {
  if (!(error instanceof KnownError)) throw error;
  return undefined;
}
