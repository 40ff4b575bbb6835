import type { BackupSummary } from '@rootcellar/api';

/** What one needs to read a backup that lies here. A vault has a key of its own, whether or not the iPhone encrypts. */
export type Protection = 'key-and-password' | 'key-alone' | 'key-alone-partly' | 'password-alone' | 'nothing';

/**
 * Which locks a backup has. What is kept small was opened with its password when it came in: the key of the vault is the
 * only lock that is left, until it is put together again for an iPhone.
 */
export function protectionOf({
  kind,
  encrypted,
  keptAs,
}: Pick<BackupSummary, 'kind' | 'encrypted' | 'keptAs'>): Protection {
  if (kind === 'folder') return encrypted ? 'password-alone' : 'nothing';
  if (!encrypted) return 'key-alone-partly';
  return keptAs === 'small' ? 'key-alone' : 'key-and-password';
}
