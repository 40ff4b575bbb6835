import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, treeErrorFor } from '@rootcellar/core';
import { z } from 'zod';
import { operationError } from '../errors.ts';
import { removePrivateFile, writePrivateFile } from './private-file.ts';
import { parseVaultLocation, type VaultLocation, vaultLocationText } from './vault-location.ts';

/*
 * Where the vault of a phone lies that does not lie in the data folder. The note holds nothing that opens the vault, or signs
 * in where it lies.
 */

export interface RememberedLocation {
  readonly location: VaultLocation;
  /** The id of the repository: it stays the same wherever the vault moves. */
  readonly repository: string;
}

const ENDING = '.json';
const VERSION = 1;

const REMEMBERED = z.object({
  version: z.literal(VERSION),
  location: z.string().min(1).max(4096),
  repository: z.string().regex(/^[0-9a-f]{64}$/),
});

const ANY_VERSION = z.object({ version: z.number().int().gt(VERSION) });

const fileOf = (vaults: string, udid: string) => join(vaults, `${udid}${ENDING}`);

/** The phone whose location a file of that name holds, if it is such a name. */
export function udidOfLocationFile(name: string): string | undefined {
  return name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : undefined;
}

/**
 * @param vaults the folder `<data>/vaults`
 * @returns `undefined` if nothing is remembered
 * @throws `operation.location-file-damaged`, `operation.location-file-newer`
 */
export async function readRememberedLocation(
  vaults: string,
  udid: string,
): Promise<RememberedLocation | undefined> {
  const text = await readFile(fileOf(vaults, udid), 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw treeErrorFor(error);
  });
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (ANY_VERSION.safeParse(value).success) throw operationError('location-file-newer');
    const { location, repository } = REMEMBERED.parse(value);
    return { location: parseVaultLocation(location), repository };
  } catch (error) {
    if (operationError.matches(error, 'location-file-newer')) throw error;
    throw operationError('location-file-damaged', {}, error);
  }
}

/** Durable when it returns. */
export async function rememberLocation(
  vaults: string,
  udid: string,
  { location, repository }: RememberedLocation,
): Promise<void> {
  const file: z.input<typeof REMEMBERED> = {
    version: VERSION,
    location: vaultLocationText(location),
    repository,
  };
  await writePrivateFile(fileOf(vaults, udid), `${JSON.stringify(file)}\n`);
}

/** From then on it lies where it usually does. */
export function forgetLocation(vaults: string, udid: string): Promise<void> {
  return removePrivateFile(fileOf(vaults, udid));
}
