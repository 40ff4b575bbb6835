import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { freeBytes, type Secret } from '@rootcellar/core';
import { AgainCipher, blockEncryptor } from './again-cipher.ts';
import { type CipherRecord, paddingBytes } from './cipher-record.ts';
import { MarkGatherer } from './marks.ts';
import { type BlockCipher, NO_BLOCK, wholeBlocks } from './whole-blocks.ts';

/**
 * Can the encrypted bytes be made again from the content?
 *
 * - `equal`: they were, and compared; the record says how. If it says that there was no padding, the file is
 *   damaged or the key is not its own: made again it will be all the same, but as content it may be worth nothing
 * - `different`: they cannot. What was given out as content must not take the place of the encrypted bytes
 */
export type CipherVerdict =
  | { readonly kind: 'equal'; readonly record: Omit<CipherRecord, 'file'> }
  | { readonly kind: 'different' };

/**
 * Decrypts a file, encrypts the content again, block by block, and compares. As long as all is equal, that is what CBC gives on
 * the way out: see `AgainCipher`. Ends early if something differs.
 *
 * @param options.onEnd called once, after the last piece of the content; not if the reader stops before
 */
export async function* decryptProvably(
  options: DecryptProvablyOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { key, source, onEnd, lent = false, encryptor = blockEncryptor } = options;
  // Made once for both: it takes longer than a small file.
  const ready = createSecretKey(key.reveal());
  const decipher = createDecipheriv('aes-256-cbc', ready, NO_BLOCK).setAutoPadding(false);
  const again = new AgainCipher(encryptor(ready));
  const marks = new MarkGatherer();
  let rest: Uint8Array = NO_BLOCK;
  let wholeBytes = 0;
  // The last piece may end in padding: it waits until it is known to be the last one.
  let held: Uint8Array = new Uint8Array(0);
  for await (const blocks of wholeBlocks(source, (bytes) => (rest = bytes))) {
    if (held.length > 0) yield held;
    if (lent) freeBytes(held);
    held = decipher.update(blocks);
    const made = again.update(held, blocks);
    if (!isSame(made, blocks)) return onEnd({ kind: 'different' });
    freeBytes(made);
    marks.add(blocks);
    wholeBytes += blocks.length;
  }
  const padding = paddingBytes(held);
  if (held.length > padding) yield held.subarray(0, held.length - padding);
  if (lent) freeBytes(held);
  const record = {
    key,
    contentBytes: wholeBytes - padding,
    isPadded: padding > 0,
    rest,
    marks: marks.bytes,
  };
  onEnd({ kind: 'equal', record });
}

export interface DecryptProvablyOptions {
  readonly key: Secret<Uint8Array>;
  /** The encrypted bytes. Its memory may be used again for each piece. */
  readonly source: AsyncIterable<Uint8Array>;
  readonly onEnd: (verdict: CipherVerdict) => void;
  /** The content is lent: see `ReadOptions`. */
  readonly lent?: boolean | undefined;
  /** Of single blocks. For tests: a processor that errs. */
  readonly encryptor?: ((key: KeyObject) => BlockCipher) | undefined;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
