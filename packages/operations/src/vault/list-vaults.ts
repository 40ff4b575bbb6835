import { KnownError } from '@rootcellar/core';
import { damagedAt, type Storage, vaultError } from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { openSameVault, phonesWithVault, placeOfVault, storageOf } from './phone-vault.ts';
import { lookForMissed, missedError } from './remembered-newest.ts';
import { keySource, vaultKeyName } from './vault-key.ts';
import { type VaultLocation, vaultLocationText } from './vault-location.ts';

/**
 * `file`: at hand in the data folder. `system`: in the key store of the operating system. `wrong`: the one at hand does not
 * open the vault.
 */
export type VaultKeyState = 'file' | 'system' | 'environment' | 'missing' | 'wrong';

export interface ListedVault {
  readonly udid: string;
  /** `undefined` if the note of where it lies cannot be read. */
  readonly kind: VaultLocation['kind'] | undefined;
  /** For people; without a password. */
  readonly location: string | undefined;
  /** All stored files. `undefined` if that cannot be seen now; so is `backups`. */
  readonly sizeBytes: number | undefined;
  readonly backups: number | undefined;
  /** Backups that were found damaged, and records that nobody can read. */
  readonly damaged: number;
  readonly key: VaultKeyState;
  /** Why it cannot be opened now, or what should be in it and is not. */
  readonly problem: KnownError | undefined;
}

/** The vaults of all phones, wherever they lie. One that cannot be opened is listed with the reason. */
export function listVaults(dataFolder: string, signal?: AbortSignal): Promise<readonly ListedVault[]> {
  return runOperation(
    async () => {
      const vaults: ListedVault[] = [];
      for (const udid of await phonesWithVault(dataFolder)) vaults.push(await look(dataFolder, udid, signal));
      return vaults;
    },
    nothingChanged,
    signal,
  );
}

async function look(dataFolder: string, udid: string, signal: AbortSignal | undefined): Promise<ListedVault> {
  let seen: ListedVault = {
    udid,
    kind: undefined,
    location: undefined,
    sizeBytes: undefined,
    backups: undefined,
    damaged: 0,
    key: keySource(vaultKeyName(dataFolder, udid)),
    problem: undefined,
  };
  try {
    const place = await placeOfVault(dataFolder, udid);
    if (place === undefined) throw operationError('vault-unknown');
    const { location } = place;
    seen = { ...seen, kind: location.kind, location: vaultLocationText(location) };
    const storage = await storageOf(location, { dataFolder, udid });
    seen = { ...seen, sizeBytes: await storedBytes(storage, signal) };
    const repository = await openSameVault(storage, place, { dataFolder, udid, signal });
    const unreadable: string[] = [];
    const { shown, missed } = await lookForMissed(
      { dataFolder, udid, repository },
      { signal, onUnreadable: (record) => unreadable.push(record) },
    );
    const [first] = missed;
    const damaged = shown.filter((snapshot) => damagedAt(snapshot) !== undefined).length;
    return {
      ...seen,
      backups: shown.length,
      damaged: damaged + unreadable.length,
      problem: first && missedError(first),
    };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const isWrong = vaultError.matches(error, 'password-wrong');
    return { ...seen, ...(isWrong && { key: 'wrong' as const }), problem: error };
  }
}

async function storedBytes(storage: Storage, signal: AbortSignal | undefined): Promise<number> {
  let bytes = (await storage.stat('config', { signal }))?.sizeBytes ?? 0;
  for (const folder of ['data', 'index', 'keys', 'snapshots'] as const) {
    for await (const { sizeBytes } of storage.list(folder, { signal })) bytes += sizeBytes;
  }
  return bytes;
}
