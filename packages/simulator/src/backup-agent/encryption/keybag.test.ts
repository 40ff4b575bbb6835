import { seededRandom } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { wrapKey } from './key-wrap.ts';
import { keybagUuid, lockKeybag, makeKeybag, openKeybag } from './keybag.ts';
import { stretchingOf } from './phone-encryption.ts';

const hardwareKey = new Uint8Array(32).fill(0x83);
const STRETCHING = { outerRounds: 50, rounds: 10 };

const make = (password: string) =>
  makeKeybag({ password, random: seededRandom(1), hardwareKey, stretching: STRETCHING });

/** Puts another value in the place of the first one of a tag. */
function withValue(bag: Uint8Array, tag: string, value: number): Uint8Array {
  const changed = Buffer.from(bag);
  changed.writeUInt32BE(value, changed.indexOf(tag) + 8);
  return changed;
}

describe('the keybag of a phone', () => {
  it('opens with its password only, and gives the keys back', async () => {
    const bag = await make('tést 🔑');
    expect((await openKeybag(bag.bytes, 'tést 🔑', hardwareKey))?.classKeys).toEqual(bag.classKeys);
    expect(await openKeybag(bag.bytes, 'tést 🔒', hardwareKey)).toBeUndefined();
    expect(await openKeybag(bag.bytes, '', hardwareKey)).toBeUndefined();
  });

  it('keeps the keys of this device only from others', async () => {
    const bag = await make('one');
    const other = await openKeybag(bag.bytes, 'one', new Uint8Array(32));
    const same = [...bag.classKeys].filter(
      ([name, key]) => Buffer.compare(other?.classKeys.get(name) ?? key, key) === 0,
    );
    expect(same.map(([name]) => name)).toEqual([8, 7, 6, 4, 3, 2, 1]);
  });

  it('gets another password without other keys', async () => {
    const bag = await make('one');
    const options = { password: 'two', random: seededRandom(2), hardwareKey, stretching: STRETCHING };
    const uuid = keybagUuid(bag.bytes) ?? new Uint8Array();
    const changed = await lockKeybag(options, { uuid, classKeys: bag.classKeys });
    expect(await openKeybag(changed.bytes, 'one', hardwareKey)).toBeUndefined();
    expect((await openKeybag(changed.bytes, 'two', hardwareKey))?.classKeys).toEqual(bag.classKeys);
    expect(keybagUuid(changed.bytes)).toEqual(uuid);
    expect(changed.bytes.length).toBe(bag.bytes.length);
  });

  it('of before iOS 10.2, without the outer rounds, opens too', async () => {
    const salt = Uint8Array.from({ length: 20 }, (_, index) => 0x20 + index);
    // Source: backup-format specification, section 11.
    const lock = Buffer.from('74888309951fd3b76b619b69bfd6b397d4a32b288a1ae945a339e97d0f7f96dc', 'hex');
    const key = new Uint8Array(32).fill(9);
    const four = (number: number) => Buffer.from([0, 0, 0, number]);
    const part = (tag: string, value: Uint8Array) =>
      Buffer.concat([Buffer.from(tag), four(value.length), value]);
    const bag = Buffer.concat([
      part('UUID', new Uint8Array(16)),
      part('SALT', salt),
      part('ITER', four(10)),
      part('UUID', new Uint8Array(16)),
      part('CLAS', four(4)),
      part('WRAP', four(2)),
      part('WPKY', wrapKey(lock, key)),
    ]);
    const opened = await openKeybag(bag, 'tést', hardwareKey);
    expect(opened?.classKeys).toEqual(new Map([[4, key]]));
  });

  it('is stretched as on a real one, unless a test is in a hurry', () => {
    expect(stretchingOf({})).toEqual({ outerRounds: 10_000_000, rounds: 10_000 });
    expect(stretchingOf({ pbkdf2Rounds: 50_000 })).toEqual({ outerRounds: 50_000, rounds: 10_000 });
    expect(stretchingOf({ pbkdf2Rounds: 5 })).toEqual({ outerRounds: 5, rounds: 5 });
  });

  it('is about as long as that of a real one', async () => {
    // Source: backup-format specification, section 5.1: about 1,388 bytes.
    expect(Math.abs((await make('one')).bytes.length - 1388)).toBeLessThan(20);
  });

  it('that somebody has cut anywhere opens to nothing', async () => {
    const { bytes } = await make('one');
    for (let length = 0; length < bytes.length; length += 7) {
      const opened = await openKeybag(bytes.subarray(0, length), 'one', hardwareKey);
      expect(opened?.classKeys.size ?? 0).toBeLessThan(11);
    }
  });

  it.each([
    ['DPIC', 0xffffffff],
    ['DPIC', 0],
    ['ITER', 0xffffffff],
    ['ITER', 0],
  ])('that asks for %s %i costs no time', async (tag, rounds) => {
    const { bytes } = await make('one');
    expect(await openKeybag(withValue(bytes, tag, rounds), 'one', hardwareKey)).toBeUndefined();
  });
});
