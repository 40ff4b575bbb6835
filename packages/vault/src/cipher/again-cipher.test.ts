import { createCipheriv, createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AgainCipher, blockEncryptor } from './again-cipher.ts';
import { random } from './example-cipher.ts';
import { NO_BLOCK } from './whole-blocks.ts';

const key = createSecretKey(random.bytes(32));
const content = random.bytes(400_000);
const encrypted = createCipheriv('aes-256-cbc', key, NO_BLOCK).setAutoPadding(false).update(content);

/**
 * @param pieces how long each is
 * @param from what is encrypted
 */
function again(pieces: readonly number[], from: Uint8Array = content): Buffer {
  const cipher = new AgainCipher(blockEncryptor(key));
  const made: Uint8Array[] = [];
  let at = 0;
  for (const bytes of pieces) {
    // At an odd address, too.
    const piece = Buffer.alloc(bytes + 1).subarray(at % 32 === 0 ? 1 : 0);
    const part = piece.subarray(0, bytes);
    part.set(from.subarray(at, at + bytes));
    made.push(Buffer.from(cipher.update(part, encrypted.subarray(at, at + bytes))));
    at += bytes;
  }
  return Buffer.concat(made);
}

describe('encrypting again beside the encrypted bytes', () => {
  test('gives what CBC gives, whatever the pieces are', () => {
    for (const pieces of [[16], [16, 16, 48], [131_072, 131_072, 131_072], [131_072, 16, 32, 131_056]]) {
      const made = again(pieces);
      expect(Buffer.compare(made, encrypted.subarray(0, made.length)), `${pieces}`).toBe(0);
    }
  });

  test('gives something else for content with one other bit, wherever it is', () => {
    for (const at of [0, 15, 16, 131_071, 131_072, 262_143]) {
      const other = Buffer.from(content);
      other[at] = (other[at] ?? 0) ^ 1;
      const made = again([131_072, 131_072], other);
      const block = at - (at % 16);
      expect(made.subarray(0, block).equals(encrypted.subarray(0, block))).toBe(true);
      expect(made.subarray(block, block + 16).equals(encrypted.subarray(block, block + 16)), `${at}`).toBe(
        false,
      );
    }
  });
});
