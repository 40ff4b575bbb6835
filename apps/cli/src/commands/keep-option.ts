import { Option } from 'commander';

/** How an encrypted backup is kept in a vault. */
export function keepOption(): Option {
  const description = 'an encrypted backup in the vault: decrypted and smaller, or just as it was sent';
  return new Option('--keep <how>', description).choices(['small', 'sealed']);
}
