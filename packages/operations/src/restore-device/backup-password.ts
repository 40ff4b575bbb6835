import { readManifestPlist } from '@rootcellar/backup';
import type { Secret } from '@rootcellar/core';
import type { BackupSource } from './backup-source.ts';

/** A phone has one password at a time; its backups have that of their day. */
export const OTHER_PASSWORD =
  'Try again with the password that the iPhone had when this backup was made; it may have another one now. ' +
  'Without it nobody can open this backup: choose another.';

/** A backup whose manifest cannot be read asks for nothing: the plan says what is wrong with it. */
export async function passwordFor(
  { tree }: BackupSource,
  {
    password,
    askPassword,
  }: { readonly password?: Secret; readonly askPassword?: () => Promise<Secret | undefined> },
): Promise<Secret | undefined> {
  if (password !== undefined || askPassword === undefined) return password;
  const manifest = await readManifestPlist(tree).catch(() => undefined);
  return manifest?.isEncrypted === true ? askPassword() : undefined;
}
