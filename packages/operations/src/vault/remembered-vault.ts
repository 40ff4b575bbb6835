import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, treeErrorFor } from '@rootcellar/core';
import { z } from 'zod';
import { removePrivateFile, writePrivateFile } from './private-file.ts';

/*
 * Which vault of a phone was in the data folder last. It does not lie beside the vault, so that it stays when that is
 * moved, and it holds nothing that opens the vault. That it is there counts, also if it cannot be understood.
 */

const REMEMBERED = z.object({ version: z.literal(1), repository: z.string().regex(/^[0-9a-f]{64}$/) });

const ENDING = '.vault.json';

const folderOf = (dataFolder: string): string => join(dataFolder, 'phones');

const fileOf = (dataFolder: string, udid: string): string => join(folderOf(dataFolder), `${udid}${ENDING}`);

/** Was there a vault of the phone in the data folder? */
export const isVaultRemembered = (dataFolder: string, udid: string): boolean =>
  existsSync(fileOf(dataFolder, udid));

/** UDIDs of the phones of which that is true. */
export async function phonesWithRememberedVault(dataFolder: string): Promise<readonly string[]> {
  const names = await readdir(folderOf(dataFolder)).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw treeErrorFor(error);
  });
  return names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
}

/** @returns the id of its repository; `undefined` if that is not known */
export async function rememberedRepository(dataFolder: string, udid: string): Promise<string | undefined> {
  const text = await readFile(fileOf(dataFolder, udid), 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return '';
    throw treeErrorFor(error);
  });
  try {
    return REMEMBERED.parse(JSON.parse(text)).repository;
  } catch {
    return undefined;
  }
}

/** Durable when it returns. @param repository the id of it */
export async function rememberVault(dataFolder: string, udid: string, repository: string): Promise<void> {
  if ((await rememberedRepository(dataFolder, udid)) === repository) return;
  const content: z.input<typeof REMEMBERED> = { version: 1, repository };
  await writePrivateFile(fileOf(dataFolder, udid), `${JSON.stringify(content)}\n`).catch(
    async (error: unknown) => {
      // Somebody who opened the vault at the same moment may have written the same.
      if ((await rememberedRepository(dataFolder, udid)) !== repository) throw error;
    },
  );
}

/** It is gone for good. */
export async function forgetVault(dataFolder: string, udid: string): Promise<void> {
  if (isVaultRemembered(dataFolder, udid)) await removePrivateFile(fileOf(dataFolder, udid));
}
