import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { orAborted, Secret } from '@rootcellar/core';
import type { KeyStage } from './keybag.ts';

const derive = promisify(pbkdf2);

const KEY_BYTES = 32;

/**
 * Makes the key that wraps the class keys from a password, on a thread of its own: with a phone's ten million
 * rounds it takes several seconds, half a minute on a small board.
 *
 * @param password its bytes, as the phone was given them
 * @throws the reason of `signal`; the work then goes on unseen until it ends
 */
export async function deriveKey(
  stages: readonly KeyStage[],
  password: Secret<Uint8Array>,
  signal?: AbortSignal,
): Promise<Secret<Uint8Array>> {
  let key = password.reveal();
  for (const { hash, salt, rounds } of stages) {
    key = await orAborted(derive(key, salt, rounds, KEY_BYTES, hash), signal);
  }
  return new Secret(key);
}

/**
 * A password as the bytes that a phone may have been given, likeliest first. Letters with accents can be written
 * in two ways, and nobody has said which one a computer chose. Source: backup-format §5.2, §9 (8).
 */
export function* spellingsOf(password: Secret): Generator<Secret<Uint8Array>> {
  const asTyped = password.reveal();
  const spellings = new Set([asTyped.normalize('NFC'), asTyped.normalize('NFD'), asTyped]);
  for (const spelling of spellings) yield new Secret<Uint8Array>(Buffer.from(spelling, 'utf8'));
}
