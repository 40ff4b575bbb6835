import { createCipheriv } from 'node:crypto';
import { encodeBinaryPlist, type PlistDict } from '@rootcellar/codecs';
import { wrapKey } from '../keybag/key-wrap.ts';
import { ghash } from './ghash.ts';

/* Seals keychain items as a device does, for the tests of this package. Source: backup-format §5.7. */

export interface ExampleSeal {
  readonly version?: number;
  readonly protectionClass?: number;
  readonly classKey: Uint8Array;
}

const ITEM_KEY = Uint8Array.from({ length: 32 }, (_, index) => 0x60 + index);

export function sealItem(content: Uint8Array, seal: ExampleSeal): Uint8Array {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(seal.version ?? 3, 0);
  header.writeUInt32LE(seal.protectionClass ?? 7, 4);
  header.writeUInt32LE(40, 8);
  const counter = Buffer.from('00000000000000000000000000000001', 'hex');
  const text = createCipheriv('aes-256-ctr', ITEM_KEY, counter).update(content);
  const hashKey = createCipheriv('aes-256-ecb', ITEM_KEY, null)
    .setAutoPadding(false)
    .update(Buffer.alloc(16));
  const tag = ghash(hashKey, text).map((byte, index) => byte ^ (hashKey[index] as number));
  return new Uint8Array(Buffer.concat([header, wrapKey(seal.classKey, ITEM_KEY), text, tag]));
}

export function keychainBytes(tables: Readonly<Record<string, readonly Uint8Array[]>>): Uint8Array {
  const entries = Object.entries(tables).map(([kind, items]): [string, readonly PlistDict[]] => [
    kind,
    items.map((item) => ({ v_Data: item, v_PersistentRef: new Uint8Array(12) })),
  ]);
  return encodeBinaryPlist(Object.fromEntries(entries));
}
