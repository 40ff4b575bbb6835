import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { treeErrorFor } from '@rootcellar/core';
import { requireUdid } from '../vault/phone-vault.ts';
import { writePrivateFile } from '../vault/private-file.ts';

/*
 * When the backup password of a phone was changed from here for the last time, for those who compare a password with
 * a backup from before:
 *
 *   <data>/password-changes/<UDID>     2026-11-26T05:46:00.000Z
 */

const fileOf = (dataFolder: string, udid: string): string => {
  requireUdid(udid);
  return join(dataFolder, 'password-changes', udid);
};

/** @throws `tree.*` if it cannot be written */
export async function rememberPasswordChange(dataFolder: string, udid: string, at: Date): Promise<void> {
  await writePrivateFile(fileOf(dataFolder, udid), `${at.toISOString()}\n`).catch((error: unknown) => {
    throw treeErrorFor(error);
  });
}

/** @returns `undefined` if it never was, or nobody can tell */
export async function readPasswordChange(dataFolder: string, udid: string): Promise<Date | undefined> {
  const text = await readFile(fileOf(dataFolder, udid), 'utf8').catch(() => '');
  const at = new Date(text.trim());
  return Number.isNaN(at.getTime()) ? undefined : at;
}
