import { describe, expect, it } from 'vitest';
import { bytesContent, readWhole } from '../../file-system/file-content.ts';
import { unwrapKey, wrapKey } from './key-wrap.ts';
import { openItem, sealItem } from './keychain-cipher.ts';
import { NotSealed, sealedContent, unsealed } from './sealed-content.ts';

/*
 * Source: backup-format specification, section 11; RFC 3394, section 4.6.
 */

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const upFrom = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => first + index);
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a key under another', () => {
  it.each([
    [
      'f861f031a24b01143ffec7c84c344291b2294ef1dbe73842e4da426879c09ca5',
      toHex(upFrom(0, 32)),
      'e6e0947e519e24aada50652dee92b6c0ddcb9dc289f9e23dff4f75f41ea44f0b2c0f1b479442e288',
    ],
    [
      toHex(upFrom(0, 32)),
      '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f',
      '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
    ],
  ])('is as the standard says', (lock, key, wrapped) => {
    expect(toHex(wrapKey(hex(lock), hex(key)))).toBe(wrapped);
    expect(toHex(unwrapKey(hex(lock), hex(wrapped)) ?? hex(''))).toBe(key);
    const damaged = hex(wrapped);
    damaged[5] = (damaged[5] ?? 0) ^ 1;
    expect(unwrapKey(hex(lock), damaged)).toBeUndefined();
    expect(unwrapKey(hex(lock), hex(wrapped).subarray(8))).toBeUndefined();
  });
});

describe('a file under its key', () => {
  const key = upFrom(0x40, 32);
  const sealed = async (plain: Uint8Array): Promise<Uint8Array> =>
    readWhole(sealedContent(bytesContent(plain), key));
  const opened = async (bytes: Uint8Array): Promise<string> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of unsealed(bytesContent(bytes).read(), key)) pieces.push(piece);
    return toHex(Buffer.concat(pieces));
  };

  it.each([
    ['48656c6c6f206261636b7570', '6b8c92765fdd589467e2f298436451d7'],
    ['', 'c9cb7b3859e1a550bcbf11b624022c56'],
  ])('is as the format says: %s', async (plain, expected) => {
    expect(toHex(await sealed(hex(plain)))).toBe(expected);
    expect(await opened(hex(expected))).toBe(plain);
  });

  it.each([15, 16, 17, 262_144, 3_000_001])('of %i bytes comes back', async (count) => {
    const plain = upFrom(0, count);
    const bytes = await sealed(plain);
    expect(bytes.length).toBe(Math.floor(count / 16) * 16 + 16);
    expect(await opened(bytes)).toBe(toHex(plain));
  });

  it('can be read from any place on', async () => {
    const content = sealedContent(bytesContent(upFrom(0, 1000)), key);
    const whole = await readWhole(content);
    for (const start of [0, 1, 16, 500, 1007, 1008]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of content.read(start)) pieces.push(piece);
      expect(toHex(Buffer.concat(pieces))).toBe(toHex(whole.subarray(start)));
    }
  });

  it('is sealed while it is read, however large it is', async () => {
    let pieces = 0;
    const film = {
      sizeBytes: 64 * 2 ** 30,
      async *read() {
        for (; pieces < 65_536; pieces += 1) yield new Uint8Array(2 ** 20);
      },
    };
    let bytes = 0;
    for await (const sealed of sealedContent(film, key).read()) {
      bytes += sealed.length;
      expect(pieces * 2 ** 20).toBeLessThan(bytes + 2 ** 20);
      if (bytes > 20 * 2 ** 20) break;
    }
  });

  it('that is cut, or was never under it, is noticed', async () => {
    const bytes = await sealed(upFrom(0, 1000));
    await expect(opened(bytes.subarray(0, 992))).rejects.toThrow(NotSealed);
    await expect(opened(bytes.subarray(0, 999))).rejects.toThrow(NotSealed);
    await expect(opened(new Uint8Array())).rejects.toThrow(NotSealed);
  });
});

describe('an item of the keychain', () => {
  const key = upFrom(0x60, 32);
  const sealed = '756583a8d5aa72f90600362127a652e12ca379c774997c68edbc5d';

  it('is as the format says', () => {
    expect(toHex(sealItem(key, Buffer.from('secret item')))).toBe(sealed);
    expect(Buffer.from(openItem(key, hex(sealed)) ?? []).toString()).toBe('secret item');
  });

  it('that somebody has changed is noticed', () => {
    for (let at = 0; at < sealed.length / 2; at += 1) {
      const damaged = hex(sealed);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(openItem(key, damaged)).toBeUndefined();
    }
    expect(openItem(key, hex('00'))).toBeUndefined();
  });
});
