import { backupError } from '../errors.ts';

/** The keybag of a backup: keys by protection class, each wrapped with a key made from the password. */
export interface Keybag {
  /** Everything in it, in order, for whoever rewrites it. */
  readonly items: readonly KeybagItem[];
  /** PBKDF2 runs from the password to the key that wraps, in order. One before iOS 10.2, two since. */
  readonly stages: readonly KeyStage[];
  readonly classKeys: readonly WrappedClassKey[];
}

/** A tag of four letters and what it tags. */
export interface KeybagItem {
  readonly tag: string;
  readonly value: Uint8Array;
}

export interface KeyStage {
  readonly hash: 'sha256' | 'sha1';
  readonly salt: Uint8Array;
  readonly rounds: number;
}

export interface WrappedClassKey {
  /** 1 to 4 for files, 5 for the device itself, 6 to 11 for keychain items. */
  readonly protectionClass: number;
  /** Is it also wrapped with a key that never leaves the device? Then only that device can use it. */
  readonly isDeviceOnly: boolean;
  /** 40 bytes: 32 of key, 8 of check value, RFC 3394. */
  readonly wrapped: Uint8Array;
}

/** Real ones have 1.4 KB. */
const KEYBAG_BYTES_MAX = 64 * 1024;

/** Phones use 10,000,000. More than this is an attempt to keep us busy for ever. */
const ROUNDS_MAX = 100_000_000;

const HEAD_BYTES = 8;
const CLASSES_MAX = 32;
const WRAPPED_BY_DEVICE = 1;
const WRAPPED_BY_PASSWORD = 2;
const WRAPPED_KEY_BYTES = 40;

/**
 * Reads `BackupKeyBag` of Manifest.plist: tag (4 letters), length (4 bytes big-endian), value, and so on. The
 * second and each later `UUID` begins a class key. A tail that is cut short is left out.
 *
 * Source: backup-format §5.1, keybags of iOS 9 to 16.
 * @throws `backup.keybag-damaged`
 */
export function parseKeybag(bytes: Uint8Array): Keybag {
  if (bytes.length > KEYBAG_BYTES_MAX) throw backupError('keybag-damaged', { reason: 'too long' });
  const items = [...readItems(bytes)];
  const [header = [], ...classes] = groupsOf(items);
  const classKeys = classes.flatMap(classKeyOf);
  if (classKeys.length === 0) throw backupError('keybag-damaged', { reason: 'no keys' });
  return { items, stages: stagesOf(header), classKeys };
}

/** The same bytes that `parseKeybag` has read, but for changes and a cut tail. */
export function encodeKeybag(items: readonly KeybagItem[]): Uint8Array {
  const parts = items.map(({ tag, value }) => {
    const head = Buffer.alloc(HEAD_BYTES);
    head.write(tag, 'latin1');
    head.writeUInt32BE(value.length, 4);
    return Buffer.concat([head, value]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

function* readItems(bytes: Uint8Array): Generator<KeybagItem> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEAD_BYTES <= view.length; ) {
    const tag = view.toString('latin1', at, at + 4);
    const end = at + HEAD_BYTES + view.readUInt32BE(at + 4);
    if (end > view.length) return;
    yield { tag, value: Uint8Array.prototype.slice.call(view, at + HEAD_BYTES, end) };
    at = end;
  }
}

/** The header, then one group for each class key. */
function groupsOf(items: readonly KeybagItem[]): readonly (readonly KeybagItem[])[] {
  const groups: KeybagItem[][] = [[]];
  let isHeader = true;
  for (const item of items) {
    if (item.tag === 'UUID' && !isHeader) groups.push([]);
    if (item.tag === 'UUID') isHeader = false;
    groups.at(-1)?.push(item);
  }
  if (groups.length > CLASSES_MAX) throw backupError('keybag-damaged', { reason: 'too many keys' });
  return groups;
}

function classKeyOf(group: readonly KeybagItem[]): readonly WrappedClassKey[] {
  const wrapping = numberOf(group, 'WRAP');
  const protectionClass = numberOf(group, 'CLAS');
  const wrapped = tagged(group, 'WPKY');
  if (wrapping === undefined || protectionClass === undefined || wrapped === undefined) return [];
  // What the password does not wrap is no business of ours.
  if ((wrapping & WRAPPED_BY_PASSWORD) === 0) return [];
  if (wrapped.length !== WRAPPED_KEY_BYTES) return [];
  return [{ protectionClass, isDeviceOnly: (wrapping & WRAPPED_BY_DEVICE) !== 0, wrapped }];
}

function stagesOf(header: readonly KeybagItem[]): readonly KeyStage[] {
  const first = stageOf('sha256', tagged(header, 'DPSL'), numberOf(header, 'DPIC'));
  const second = stageOf('sha1', tagged(header, 'SALT'), numberOf(header, 'ITER'));
  if (second === undefined) throw backupError('keybag-damaged', { reason: 'no salt' });
  return first ? [first, second] : [second];
}

function stageOf(
  hash: KeyStage['hash'],
  salt: Uint8Array | undefined,
  rounds: number | undefined,
): KeyStage | undefined {
  if (salt === undefined || rounds === undefined) return undefined;
  if (rounds < 1 || rounds > ROUNDS_MAX) throw backupError('keybag-damaged', { reason: 'rounds' });
  return { hash, salt, rounds };
}

function tagged(group: readonly KeybagItem[], tag: string): Uint8Array | undefined {
  return group.find((item) => item.tag === tag)?.value;
}

function numberOf(group: readonly KeybagItem[], tag: string): number | undefined {
  const value = tagged(group, tag);
  return value?.length === 4 ? Buffer.from(value).readUInt32BE() : undefined;
}
