import { KnownError } from '@rootcellar/core';
import { vaultError } from '@rootcellar/vault';
import { hasVaultAt, storageAtLocation } from '../vault/location-storage.ts';
import { locationOfVault, phonesWithVault } from '../vault/phone-vault.ts';
import { vaultAway } from '../vault/vault-away.ts';
import { type Check, type Platform, say } from './findings.ts';

/** Are the vaults where they were last time? Servers are not asked: nobody is waited for. */
export async function whereVaultsLie(dataFolder: string, platform: Platform): Promise<Check> {
  // What cannot be listed is found by the check of the data folder.
  const phones = await phonesWithVault(dataFolder).catch(unlessKnown);
  if (phones === undefined || phones.length === 0) return say('vaults-none', platform);
  for (const udid of phones) {
    const problem = await problemOf(dataFolder, udid);
    if (problem === undefined) continue;
    const { happened: sentence, next: help } = problem;
    return { ...say('vault-not-found', platform), sentence, help };
  }
  return say('vaults-in-place', platform);
}

async function problemOf(dataFolder: string, udid: string): Promise<KnownError | undefined> {
  try {
    const location = await locationOfVault(dataFolder, udid);
    if (location === undefined || location.kind !== 'folder') return undefined;
    if (!(await hasVaultAt(location, undefined))) return vaultAway(udid, location);
    const keys = await Array.fromAsync(storageAtLocation(location, undefined).list('keys'));
    return keys.length > 0 ? undefined : vaultError('keys-missing');
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return error;
  }
}

function unlessKnown(error: unknown): undefined {
  if (!(error instanceof KnownError)) throw error;
  return undefined;
}
