import { Secret } from '@rootcellar/core';
import { openRepository, type Repository, type Storage, vaultError } from '@rootcellar/vault';
import { inGroups, KEY_CHARACTERS, KEY_LETTERS } from './vault-key.ts';

/** None of these is a letter of a key. Source: Douglas Crockford, "Base 32", decoding. */
const READ_AS: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };

/**
 * The key as the recovery kit shows it, if somebody may have typed that: capitals, dashes, spaces, and letters that look
 * like digits make no difference.
 *
 * @returns `undefined` for any other password, and for what is written like that already
 */
export function asOnTheKit(typed: Secret): Secret | undefined {
  const letters = typed
    .reveal()
    .replace(/[\s\p{Dash_Punctuation}]/gu, '')
    .toUpperCase()
    .replace(/[OIL]/g, (letter) => READ_AS[letter] ?? letter);
  const isKey = letters.length === KEY_CHARACTERS && [...letters].every((one) => KEY_LETTERS.includes(one));
  const key = inGroups(letters);
  return isKey && key !== typed.reveal() ? new Secret(key) : undefined;
}

/** Are they one key, however each is written? */
export function isSameKey(one: Secret, other: Secret): boolean {
  return (asOnTheKit(one) ?? one).reveal() === (asOnTheKit(other) ?? other).reveal();
}

/**
 * Opens a vault with a key that somebody may have typed. What was typed is tried first: a vault that restic made may have
 * a password that only looks like a key of ours.
 *
 * @returns the vault, and the key that opened it
 * @throws as `openRepository`
 */
export async function openWithTypedKey(
  storage: Storage,
  { password, signal }: { readonly password: Secret; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly repository: Repository; readonly key: Secret }> {
  try {
    return { repository: await openRepository(storage, { password, signal }), key: password };
  } catch (error) {
    const key = vaultError.matches(error, 'password-wrong') ? asOnTheKit(password) : undefined;
    if (key === undefined) throw error;
    return { repository: await openRepository(storage, { password: key, signal }), key };
  }
}
