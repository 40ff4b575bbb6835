import { describe, expect, test } from 'vitest';
import { poly1305Aes } from './poly1305.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** Source: Bernstein, The Poly1305-AES message-authentication code (2005), Appendix B. */
const FROM_THE_PAPER = [
  {
    message: 'f3f6',
    r: '851fc40c3467ac0be05cc20404f3f700',
    k: 'ec074c835580741701425b623235add6',
    nonce: 'fb447350c4e868c52ac3275cf9d4327e',
    tag: 'f4c633c3044fc145f84f335cb81953de',
  },
  {
    message: '',
    r: 'a0f3080000f46400d0c7e9076c834403',
    k: '75deaa25c09f208e1dc4ce6b5cad3fbf',
    nonce: '61ee09218d29b0aaed7e154a2c5509cc',
    tag: 'dd3fab2251f11ac759f0887129cc2ee7',
  },
  {
    message: '663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136',
    r: '48443d0bb0d21109c89a100b5ce2c208',
    k: '6acb5f61a7176dd320c5c1eb2edcdc74',
    nonce: 'ae212a55399729595dea458bc621ff0e',
    tag: '0ee1c16bb73f0f4fd19881753c01cdbe',
  },
  {
    message:
      'ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9',
    r: '12976a08c4426d0ce8a82407c4f48207',
    k: 'e1a5668a4d5b66a5f68cc5424ed5982d',
    nonce: '9ae831e743978d3a23527c7128149e3a',
    tag: '5154ad0d2cb26e01274fc51148491f1b',
  },
];

/** The definition, in the words of the paper, without regard for speed. */
function slowly(message: Uint8Array, r: Uint8Array): bigint {
  const number = (some: Uint8Array): bigint =>
    [...some].reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n);
  const clamped = number(r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16)
    sum = ((sum + number(Uint8Array.of(...message.subarray(at, at + 16), 1))) * clamped) % (2n ** 130n - 5n);
  return sum;
}

describe('Poly1305-AES', () => {
  test.each(FROM_THE_PAPER)('agrees with the paper on $tag', ({ message, r, k, nonce, tag }) => {
    const ours = poly1305Aes({ k: bytes(k), r: bytes(r) })(bytes(nonce), bytes(message));
    expect(Buffer.from(ours).toString('hex')).toBe(tag);
  });

  test('agrees with the definition for bits that carry as far as they can, of any length', () => {
    const [k, nonce] = [new Uint8Array(16), new Uint8Array(16)];
    const zero = tagNumber(poly1305Aes({ k, r: new Uint8Array(16) })(nonce, Uint8Array.of(1)));
    for (const fill of [0xff, 0xfe, 0x00, 0x80]) {
      for (const length of [1, 15, 16, 17, 31, 32, 33, 4096, 128 * 1024 + 1]) {
        const message = new Uint8Array(length).fill(fill);
        const r = new Uint8Array(16).fill(0xff);
        const expected = (slowly(message, r) + zero) & (2n ** 128n - 1n);
        expect(tagNumber(poly1305Aes({ k, r })(nonce, message)), `${length} × ${fill}`).toBe(expected);
      }
    }
  });
});

function tagNumber(tag: Uint8Array): bigint {
  return [...tag].reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n);
}
