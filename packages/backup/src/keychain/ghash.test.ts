import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ghash } from './ghash.ts';

describe('ghash', () => {
  it('is the check value that OpenSSL makes', () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 100 }), (key, plain) => {
        const iv = Buffer.alloc(12, 7);
        const cipher = createCipheriv('aes-256-gcm', key, iv);
        const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
        // The tag is the check value, masked with the first block of the counter.
        const mask = encryptBlock(key, Buffer.concat([iv, Buffer.of(0, 0, 0, 1)]));
        const expected = cipher.getAuthTag().map((byte, index) => byte ^ (mask[index] as number));
        expect(Buffer.from(ghash(encryptBlock(key, Buffer.alloc(16)), sealed))).toEqual(expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block);
}
