import { Secret } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { unlockKeybag } from './backup-keys.ts';
import { deriveKey } from './derive-key.ts';
import { unwrapKey, wrapKey } from './key-wrap.ts';
import { encodeKeybag, type KeybagItem, type KeyStage, parseKeybag } from './keybag.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const counting = (first: number, count: number) => Uint8Array.from({ length: count }, (_, i) => first + i);
const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const item = (tag: string, value: Uint8Array): KeybagItem => ({ tag, value });

/** Made for the format description; checked by two independent programs. */
const STAGES: readonly KeyStage[] = [
  { hash: 'sha256', salt: counting(0, 20), rounds: 1000 },
  { hash: 'sha1', salt: counting(0x20, 20), rounds: 10 },
];
const PASSWORD = 'tést';
const WRAPPED_CLASS_3 = 'e6e0947e519e24aada50652dee92b6c0ddcb9dc289f9e23dff4f75f41ea44f0b2c0f1b479442e288';

const HEADER = [
  item('VERS', number(5)),
  item('TYPE', number(1)),
  item('UUID', counting(0, 16)),
  item('HMCK', counting(0, 40)),
  item('WRAP', number(0)),
  item('SALT', counting(0x20, 20)),
  item('ITER', number(10)),
  item('DPWT', number(1)),
  item('DPIC', number(1000)),
  item('DPSL', counting(0, 20)),
];
const classItems = (protectionClass: number, wrapped: Uint8Array, wrapping = 2) => [
  item('UUID', counting(protectionClass, 16)),
  item('CLAS', number(protectionClass)),
  item('WRAP', number(wrapping)),
  item('KTYP', number(0)),
  item('WPKY', wrapped),
];
const bag = (...items: readonly KeybagItem[]) => encodeKeybag([...HEADER, ...items]);

describe('a keybag', () => {
  it('derives the keys of the published vectors', async () => {
    const password = new Secret<Uint8Array>(Buffer.from(PASSWORD));
    const both = await deriveKey(STAGES, password);
    expect(Buffer.from(both.reveal()).toString('hex')).toBe(
      'f861f031a24b01143ffec7c84c344291b2294ef1dbe73842e4da426879c09ca5',
    );
    const one = await deriveKey(STAGES.slice(1), password);
    expect(Buffer.from(one.reveal()).toString('hex')).toBe(
      '74888309951fd3b76b619b69bfd6b397d4a32b288a1ae945a339e97d0f7f96dc',
    );
  });

  it('opens class key and file key of the published vectors', async () => {
    const keys = await unlockKeybag(
      parseKeybag(bag(...classItems(3, hex(WRAPPED_CLASS_3)))),
      new Secret(PASSWORD),
    );
    expect(keys.classKey(3)).toEqual(Buffer.from(counting(0, 32)));
    const fileKey = hex(
      '03000000bd2a276ae8c7464c7e8b396674ac6e0e9558c84c6009b3fa413cf06a67a200823e4d720df2419fa9',
    );
    expect(keys.openKey(fileKey)).toEqual(Buffer.from(counting(0x40, 32)));
  });

  it('takes a password with accents in either spelling', async () => {
    const keybag = parseKeybag(bag(...classItems(3, hex(WRAPPED_CLASS_3))));
    const keys = await unlockKeybag(keybag, new Secret(PASSWORD.normalize('NFD')));
    expect(keys.classKey(3)).toBeDefined();
  });

  it('wraps keys as RFC 3394 does in its section 4.6', () => {
    const wrapping = hex('000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F');
    const key = hex('00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F');
    const wrapped = hex('28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21');
    expect(wrapKey(wrapping, key)).toEqual(Buffer.from(wrapped));
    expect(unwrapKey(wrapping, wrapped)).toEqual(Buffer.from(key));
    expect(unwrapKey(key, wrapped)).toBeUndefined();
    expect(unwrapKey(key, wrapped.subarray(1))).toBeUndefined();
  });

  it('tells a wrong password from a damaged key', async () => {
    const good = classItems(3, hex(WRAPPED_CLASS_3));
    const bad = classItems(4, hex(WRAPPED_CLASS_3.replace(/^e6/, 'e7')));
    const keybag = parseKeybag(bag(...bad, ...good));
    await expect(unlockKeybag(keybag, new Secret('wrong'))).rejects.toMatchObject({
      code: 'backup.password-wrong',
    });
    const keys = await unlockKeybag(keybag, new Secret(PASSWORD));
    expect(keys.damagedClasses).toEqual([4]);
    expect(() => keys.openKey(new Uint8Array(44).fill(4, 0, 1))).toThrow(/does not open \(class\)/);
    expect(() => keys.openKey(new Uint8Array(44).fill(3, 0, 1))).toThrow(/does not open \(check value\)/);
    expect(() => keys.openKey(new Uint8Array(3))).toThrow(/does not open \(length\)/);
  });

  it('does not hand out the keys that only the device can use', async () => {
    const keybag = parseKeybag(bag(...classItems(9, hex(WRAPPED_CLASS_3), 3)));
    const keys = await unlockKeybag(keybag, new Secret(PASSWORD));
    expect(keys.classKey(9)).toBeUndefined();
    expect(keys.isDeviceOnly(9)).toBe(true);
    expect(keys.damagedClasses).toEqual([]);
  });

  it('has one stage when it is of iOS 10.1 or older', () => {
    const old = HEADER.filter(({ tag }) => !tag.startsWith('DP'));
    const { stages } = parseKeybag(encodeKeybag([...old, ...classItems(3, hex(WRAPPED_CLASS_3))]));
    expect(stages.map(({ hash }) => hash)).toEqual(['sha1']);
  });

  it('gives back the bytes that it read', () => {
    const bytes = bag(...classItems(3, hex(WRAPPED_CLASS_3)));
    expect(encodeKeybag(parseKeybag(bytes).items)).toEqual(bytes);
  });

  it('is damaged without keys, without salt, with absurd rounds, and when it is endless', () => {
    const good = classItems(3, hex(WRAPPED_CLASS_3));
    const rounds = HEADER.map((one) => (one.tag === 'DPIC' ? item('DPIC', number(0xffff_ffff)) : one));
    const zero = HEADER.map((one) => (one.tag === 'ITER' ? item('ITER', number(0)) : one));
    const saltless = HEADER.filter(({ tag }) => tag !== 'SALT');
    for (const [bytes, reason] of [
      [bag(), 'no keys'],
      [encodeKeybag([...rounds, ...good]), 'rounds'],
      [encodeKeybag([...zero, ...good]), 'rounds'],
      [encodeKeybag([...saltless, ...good]), 'no salt'],
      [bag(...Array.from({ length: 40 }, () => good).flat()), 'too many keys'],
      [new Uint8Array(100_000), 'too long'],
      [new Uint8Array(0), 'no keys'],
    ] as const) {
      expect(() => parseKeybag(bytes), reason).toThrow(`damaged (${reason})`);
    }
  });

  it('any bytes are a keybag or damaged', () => {
    const bytes = bag(...classItems(3, hex(WRAPPED_CLASS_3)), ...classItems(4, hex(WRAPPED_CLASS_3)));
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      for (const some of [changed, bytes.subarray(0, at)]) {
        try {
          parseKeybag(some);
        } catch (error) {
          expect(error).toMatchObject({ code: 'backup.keybag-damaged' });
        }
      }
    }
  });
});
