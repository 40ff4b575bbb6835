import { KnownError } from '@rootcellar/core';
import { keyStoreOfThisComputer, placeForNew, type SecretOptions } from '../secrets/key-store-choice.ts';
import { placeOfSecret } from '../secrets/secret-store.ts';
import { phonesWithVault } from '../vault/phone-vault.ts';
import { signInName } from '../vault/storage-sign-in.ts';
import { vaultKeyName } from '../vault/vault-key.ts';
import type { FindingName } from './findings.ts';

/** Where is what opens the vaults, and could it be had now? Nobody is asked for anything. */
export async function whereSecretsLie(
  dataFolder: string,
  { environment = process.env, keyStore = keyStoreOfThisComputer() }: SecretOptions = {},
): Promise<FindingName> {
  // What cannot be listed is found by the check of the data folder.
  const phones = await phonesWithVault(dataFolder).catch(unlessKnown);
  const names = phones.flatMap((udid) => [vaultKeyName(dataFolder, udid), signInName({ dataFolder, udid })]);
  const places = new Set(names.map(placeOfSecret));
  if (places.has('system')) {
    const state = (await keyStore?.state()) ?? 'absent';
    if (state !== 'open') return state === 'locked' ? 'secrets-locked' : 'secrets-out-of-reach';
    return places.has('file') ? 'secrets-in-both' : 'secrets-in-key-store';
  }
  if (places.has('file')) return 'secrets-in-files';
  try {
    const place = await placeForNew(vaultKeyName(dataFolder, 'new').file, { environment, keyStore });
    return place.keyStore ? 'secrets-will-be-in-key-store' : 'secrets-will-be-in-files';
  } catch (error) {
    unlessKnown(error);
    return 'secrets-unknown';
  }
}

function unlessKnown(error: unknown): readonly string[] {
  if (!(error instanceof KnownError)) throw error;
  return [];
}
