import { createCipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import type { PlistDict } from '@rootcellar/codecs';
import { wrapKey } from './keybag/key-wrap.ts';
import { encodeKeybag, type KeybagItem } from './keybag/keybag.ts';

/*
 * Encrypts the example backup as a device does, but always with the same keys and with few rounds. For the tests of
 * this package. Source: backup-format §5.8.
 */

const ROUNDS = { first: 5, second: 3 };

export interface ExampleEncryption {
  readonly plistKeys: PlistDict;
  seal(content: Uint8Array): {
    readonly content: Uint8Array;
    readonly sizeBytes: number;
    readonly encryptionKey: Uint8Array;
  };
  sealManifest(manifest: Uint8Array): Uint8Array;
}

export function exampleEncryption(password: string): ExampleEncryption {
  const salts = [bytesFor('first salt').subarray(0, 20), bytesFor('second salt').subarray(0, 20)] as const;
  const first = pbkdf2Sync(password, salts[0], ROUNDS.first, 32, 'sha256');
  const wrappingKey = pbkdf2Sync(first, salts[1], ROUNDS.second, 32, 'sha1');
  const classes = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].flatMap((number) => classItems(number, wrappingKey));
  const keybag = encodeKeybag([
    { tag: 'VERS', value: number32(5) },
    { tag: 'TYPE', value: number32(1) },
    { tag: 'UUID', value: bytesFor('bag').subarray(0, 16) },
    { tag: 'HMCK', value: wrapKey(wrappingKey, bytesFor('hmac')) },
    { tag: 'WRAP', value: number32(0) },
    { tag: 'SALT', value: salts[1] },
    { tag: 'ITER', value: number32(ROUNDS.second) },
    { tag: 'DPWT', value: number32(1) },
    { tag: 'DPIC', value: number32(ROUNDS.first) },
    { tag: 'DPSL', value: salts[0] },
    ...classes,
  ]);
  const manifestKey = bytesFor('manifest key');
  let files = 0;
  return {
    plistKeys: { IsEncrypted: true, BackupKeyBag: keybag, ManifestKey: wrapFor(4, manifestKey) },
    seal(content) {
      files += 1;
      const key = bytesFor(`file ${files}`);
      return {
        content: encrypt(key, content),
        sizeBytes: content.length,
        encryptionKey: wrapFor(3, key),
      };
    },
    sealManifest: (manifest) => encrypt(manifestKey, manifest),
  };
}

function classItems(protectionClass: number, wrappingKey: Uint8Array): readonly KeybagItem[] {
  const isDeviceOnly = protectionClass >= 9 || protectionClass === 5;
  return [
    { tag: 'UUID', value: bytesFor(`class id ${protectionClass}`).subarray(0, 16) },
    { tag: 'CLAS', value: number32(protectionClass) },
    { tag: 'WRAP', value: number32(isDeviceOnly ? 3 : 2) },
    { tag: 'KTYP', value: number32(0) },
    { tag: 'WPKY', value: wrapKey(wrappingKey, classKey(protectionClass)) },
  ];
}

const bytesFor = (name: string) => new Uint8Array(createHash('sha256').update(name).digest());
const classKey = (protectionClass: number) => bytesFor(`class ${protectionClass}`);

function wrapFor(protectionClass: number, key: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(protectionClass);
  return new Uint8Array(Buffer.concat([head, wrapKey(classKey(protectionClass), key)]));
}

function encrypt(key: Uint8Array, content: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
  return new Uint8Array(Buffer.concat([cipher.update(content), cipher.final()]));
}

function number32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
