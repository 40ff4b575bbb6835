import { createCipheriv, createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '@rootcellar/core';
import { unwrapKey, WRAPPED_KEY_BYTES, wrapKey } from './key-wrap.ts';

/*
 * The keybag of a backup: four ASCII letters, a length, a value, one after the other and all numbers
 * with the highest byte first. A header, then one group for each class, from 11 down to 1.
 *
 * Source: backup-format specification, sections 5.1 to 5.3.
 */

const KEY_BYTES = 32;
const SALT_BYTES = 20;
const UUID_BYTES = 16;

/** Classes of files are 1 to 4, of keychain items 6 to 11. Unknown: what 5 is for. */
const CLASSES: readonly number[] = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/** Classes whose keys are locked with the key of the chip as well, and open on this device only. */
const OF_THIS_DEVICE: ReadonlySet<number> = new Set([5, 9, 10, 11]);

/** Bits of WRAP: locked by the device, by the password. */
const WRAP = { device: 1, password: 2 } as const;

/** Version and kind of a bag for backups since iOS 10.2. */
const BAG_VERSION = 5;
const BAG_KIND_BACKUP = 1;
const KEY_KIND_AES = 0;

/** How often a password is stretched: SHA-256 first, SHA-1 after. Source: iOS 10.2 and later. */
export interface Stretching {
  readonly outerRounds: number;
  readonly rounds: number;
}

export const STRETCHING_OF_PHONES: Stretching = { outerRounds: 10_000_000, rounds: 10_000 };

/** Our limits on a bag from outside: what takes a phone longer than a minute is no bag of a phone. */
const OUTER_ROUNDS_MAX = 50_000_000;
const ROUNDS_MAX = 5_000_000;
const BAG_BYTES_MAX = 64 * 1024;

export interface Keybag {
  readonly bytes: Uint8Array;
  /** Class → 32 bytes. */
  readonly classKeys: ReadonlyMap<number, Uint8Array>;
}

interface BagOptions {
  readonly password: string;
  readonly random: Random;
  /** The key in the chip that opens nothing outside of this device. */
  readonly hardwareKey: Uint8Array;
  readonly stretching: Stretching;
}

/** New keys for a new password. Takes seconds with the rounds of a phone, on another thread. */
export function makeKeybag(options: BagOptions): Promise<Keybag> {
  const { random } = options;
  const uuid = random.bytes(UUID_BYTES);
  const classKeys = new Map(CLASSES.map((name) => [name, random.bytes(KEY_BYTES)]));
  return lockKeybag(options, { uuid, classKeys });
}

/** The same keys under another password: what they lock stays as it is. */
export async function lockKeybag(
  { password, random, hardwareKey, stretching }: BagOptions,
  bag: { readonly uuid: Uint8Array; readonly classKeys: ReadonlyMap<number, Uint8Array> },
): Promise<Keybag> {
  const { outerRounds, rounds } = stretching;
  const salt = random.bytes(SALT_BYTES);
  const outerSalt = random.bytes(SALT_BYTES);
  const lock = await stretch(password, { salt, rounds, outerSalt, outerRounds });
  const header = [
    tagged('VERS', u32(BAG_VERSION)),
    tagged('TYPE', u32(BAG_KIND_BACKUP)),
    tagged('UUID', bag.uuid),
    tagged('HMCK', wrapKey(lock, random.bytes(KEY_BYTES))),
    tagged('WRAP', u32(0)),
    tagged('SALT', salt),
    tagged('ITER', u32(rounds)),
    tagged('DPWT', u32(1)),
    tagged('DPIC', u32(outerRounds)),
    tagged('DPSL', outerSalt),
  ];
  const groups = [...bag.classKeys].flatMap(([name, key]) => {
    const bound = OF_THIS_DEVICE.has(name);
    return [
      tagged('UUID', random.bytes(UUID_BYTES)),
      tagged('CLAS', u32(name)),
      tagged('WRAP', u32(bound ? WRAP.device | WRAP.password : WRAP.password)),
      tagged('KTYP', u32(KEY_KIND_AES)),
      tagged('WPKY', wrapKey(lock, bound ? lockToDevice(hardwareKey, key) : key)),
    ];
  });
  return { bytes: new Uint8Array(Buffer.concat([...header, ...groups])), classKeys: bag.classKeys };
}

/**
 * Opens a bag that came from outside.
 *
 * @param hardwareKey of this phone; keys that are bound to another one become nonsense, which opens nothing
 * @returns `undefined` if the password is wrong, or if it is no bag that a phone would open
 */
export async function openKeybag(
  bytes: Uint8Array,
  password: string,
  hardwareKey: Uint8Array,
): Promise<Keybag | undefined> {
  const bag = parseKeybag(bytes);
  if (bag === undefined) return undefined;
  const lock = await stretch(password, bag);
  const classKeys = new Map<number, Uint8Array>();
  for (const { name, wrap, wrapped } of bag.groups) {
    if ((wrap & WRAP.password) === 0) return undefined;
    const key = unwrapKey(lock, wrapped);
    if (key === undefined) return undefined;
    classKeys.set(name, (wrap & WRAP.device) === 0 ? key : openOnDevice(hardwareKey, key));
  }
  return classKeys.size === 0 ? undefined : { bytes, classKeys };
}

/** What tells one set of keys from another, whatever the password. */
export function keybagUuid(bytes: Uint8Array): Uint8Array | undefined {
  return parseKeybag(bytes)?.uuid;
}

interface ParsedKeybag {
  readonly uuid: Uint8Array;
  readonly salt: Uint8Array;
  readonly rounds: number;
  /** Both are missing before iOS 10.2. */
  readonly outerSalt: Uint8Array | undefined;
  readonly outerRounds: number;
  readonly groups: readonly { readonly name: number; readonly wrap: number; readonly wrapped: Uint8Array }[];
}

function parseKeybag(bytes: Uint8Array): ParsedKeybag | undefined {
  const [header, ...groups] = groupsOf(bytes);
  const uuid = header?.get('UUID');
  const salt = header?.get('SALT');
  const outerSalt = header?.get('DPSL');
  const rounds = numberIn(header?.get('ITER'));
  const outerRounds = outerSalt === undefined ? 1 : numberIn(header?.get('DPIC'));
  if (uuid === undefined || salt === undefined) return undefined;
  if (!(rounds >= 1 && rounds <= ROUNDS_MAX && outerRounds >= 1 && outerRounds <= OUTER_ROUNDS_MAX)) {
    return undefined;
  }
  const keys = groups.map((group) => ({
    name: numberIn(group.get('CLAS')),
    wrap: numberIn(group.get('WRAP')),
    wrapped: group.get('WPKY') ?? new Uint8Array(),
  }));
  const complete = keys.every(({ wrapped }) => wrapped.length === WRAPPED_KEY_BYTES);
  return complete ? { uuid, salt, rounds, outerSalt, outerRounds, groups: keys } : undefined;
}

/** The header, then one group for each key: every UUID begins one. */
function groupsOf(bytes: Uint8Array): readonly ReadonlyMap<string, Uint8Array>[] {
  const groups: Map<string, Uint8Array>[] = [new Map()];
  if (bytes.length > BAG_BYTES_MAX) return groups;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const tag = Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
    const end = at + 8 + view.getUint32(at + 4);
    if (end > bytes.length) break;
    if (tag === 'UUID' && groups.at(-1)?.has('UUID') === true) groups.push(new Map());
    groups.at(-1)?.set(tag, bytes.subarray(at + 8, end));
    at = end;
  }
  return groups;
}

function numberIn(value: Uint8Array | undefined): number {
  if (value?.length !== 4) return Number.NaN;
  return new DataView(value.buffer, value.byteOffset).getUint32(0);
}

/** On a thread of its own: with the rounds of a phone it takes seconds. */
async function stretch(
  password: string,
  bag: {
    readonly salt: Uint8Array;
    readonly rounds: number;
    readonly outerSalt: Uint8Array | undefined;
    readonly outerRounds: number;
  },
): Promise<Uint8Array> {
  const { salt, rounds, outerSalt, outerRounds } = bag;
  const derive = promisify(pbkdf2);
  const typed = Buffer.from(password);
  const once = outerSalt ? await derive(typed, outerSalt, outerRounds, KEY_BYTES, 'sha256') : typed;
  return derive(once, salt, rounds, KEY_BYTES, 'sha1');
}

const NO_VECTOR = Buffer.alloc(16);

function lockToDevice(hardwareKey: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', hardwareKey, NO_VECTOR).setAutoPadding(false);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

function openOnDevice(hardwareKey: Uint8Array, key: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-cbc', hardwareKey, NO_VECTOR).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([decipher.update(key), decipher.final()]));
}

function tagged(tag: string, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(tag, 'latin1'), u32(value.length), value]);
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
