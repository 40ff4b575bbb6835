import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import {
  derBoolean,
  derInteger,
  derNull,
  derOctetString,
  derSequence,
  derSet,
  derUtf8String,
  encodeBinaryPlist,
} from '@rootcellar/codecs';
import { folderTree, Secret } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { fileIDOf } from '../folder/blob-path.ts';
import { wrapKey } from '../keybag/key-wrap.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { openBackup, unlockBackup } from '../open-backup.ts';
import { keychainBytes, sealItem } from './example-keychain.ts';
import { decryptItem } from './item-seal.ts';
import { KEYCHAIN_FILE, type KeychainKeys, NO_KEYCHAIN_KEYS, readKeychain } from './keychain.ts';

const ENCRYPTED = fileURLToPath(
  new URL('../../../../tests/fixtures/backup-encrypted/00008120-0001A2B3C4D5E6F7', import.meta.url),
);

const CLASS_KEY = new Uint8Array(32).fill(9);
const KEYS: KeychainKeys = {
  classKey: (number) => (number === 7 ? CLASS_KEY : undefined),
  isDeviceOnly: (number) => number >= 9,
};

describe('readKeychain', () => {
  it('opens the items of an encrypted backup, but not those of its device alone', async () => {
    const tree = folderTree(ENCRYPTED);
    const keys = await unlockBackup(tree, new Secret('Boskoop & Söhne 7'));
    const backup = await openBackup(tree, { keys });
    try {
      const entry = backup.manifest.entry(fileIDOf(KEYCHAIN_FILE.domain, KEYCHAIN_FILE.relativePath));
      const pieces = await Array.fromAsync(backup.read(entry as ManifestEntry));
      const items = [...readKeychain(Buffer.concat(pieces), keys)];
      expect(items).toMatchObject([
        { kind: 'genp', state: 'readable', account: 'alice', service: 'example', protectionClass: 7 },
        { state: 'this-device-only', protectionClass: 9, secret: undefined, account: undefined },
      ]);
      expect(Buffer.from(items[0]?.secret?.reveal() ?? []).toString()).toBe('hunter2');
      expect(items.map(({ protection }) => protection)).toEqual([
        'AfterFirstUnlock',
        'WhenUnlockedThisDeviceOnly',
      ]);
      expect(inspect(items) + JSON.stringify(items)).not.toContain('hunter2');
    } finally {
      await backup.close();
    }
  });

  it('reads what an item says, of every kind', () => {
    const attributes = {
      acct: derUtf8String('ann'),
      srvr: derUtf8String('orchard.example'),
      ptcl: derUtf8String('htps'),
      port: derInteger(443),
      path: derOctetString(Buffer.from('/apples')),
      sdmn: derUtf8String('trees'),
      labl: derOctetString(Uint8Array.of(0xff)),
      desc: derNull(),
      agrp: derUtf8String('apple'),
      cdat: time('20240503080000Z'),
      mdat: time('20240504080000.5Z'),
      sync: derInteger(1),
      tomb: derBoolean(false),
      UUID: derSequence(),
      v_Data: derOctetString(Buffer.from('boskoop')),
    };
    const [item] = read({ inet: [sealed(attributes)] });
    expect(item).toEqual({
      kind: 'inet',
      state: 'readable',
      protectionClass: 7,
      protection: 'AfterFirstUnlock',
      account: 'ann',
      service: undefined,
      server: 'orchard.example',
      protocol: 'htps',
      port: 443,
      path: '/apples',
      securityDomain: 'trees',
      label: undefined,
      description: undefined,
      accessGroup: 'apple',
      createdAt: new Date('2024-05-03T08:00:00Z'),
      modifiedAt: new Date('2024-05-04T08:00:00.500Z'),
      isSynchronized: true,
      isDeleted: false,
      secret: new Secret(Buffer.from('boskoop')),
    });
    const secretOnly = sealed({ v_Data: derUtf8String('x') });
    expect(
      read({ keys: [secretOnly], cert: [secretOnly], genp: [secretOnly], else: [secretOnly] }),
    ).toMatchObject(['genp', 'cert', 'keys'].map((kind) => ({ kind, state: 'readable' })));
  });

  it.each([
    ['no data', new Uint8Array(), 'damaged'],
    ['a cut header', new Uint8Array(11), 'damaged'],
    ['an older version', sealItem(derSet(), { classKey: CLASS_KEY, version: 2 }), 'unknown-version'],
    ['a class without key', sealItem(derSet(), { classKey: CLASS_KEY, protectionClass: 8 }), 'damaged'],
    ['another class key', sealItem(derSet(), { classKey: new Uint8Array(32) }), 'damaged'],
    [
      'a class of the device',
      sealItem(derSet(), { classKey: CLASS_KEY, protectionClass: 12 }),
      'this-device-only',
    ],
    ['a key of half the length', sealedWithShortKey(), 'damaged'],
    ['content that is no set', sealItem(derSequence(), { classKey: CLASS_KEY }), 'damaged'],
    ['content that is no DER', sealItem(Buffer.from('x'), { classKey: CLASS_KEY }), 'damaged'],
    [
      'a pair of three',
      sealItem(derSet(derSequence(derUtf8String('acct'), derNull(), derNull())), { classKey: CLASS_KEY }),
      'damaged',
    ],
    ['pairs that are none', sealItem(derSet(derInteger(1)), { classKey: CLASS_KEY }), 'damaged'],
  ])('tells of an item with %s', (_, item, state) => {
    const items = read({ genp: [item, sealed({ acct: derUtf8String('next') })] });
    expect(items.map((one) => one.state)).toEqual([state, 'readable']);
    expect(items[0]?.secret).toBeUndefined();
  });

  it('notices a change of any byte', () => {
    const whole = sealed({ v_Data: derUtf8String('boskoop') });
    for (let at = 0; at < whole.length; at++) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] as number) ^ 1;
      expect([at, read({ genp: [changed] })[0]?.state]).not.toEqual([at, 'readable']);
      expect([at, read({ genp: [whole.subarray(0, at)] })[0]?.state]).not.toEqual([at, 'readable']);
    }
  });

  it('opens nothing of a backup without password', () => {
    const items = [...readKeychain(keychainBytes({ genp: [sealed({})] }), NO_KEYCHAIN_KEYS)];
    expect(items).toMatchObject([{ state: 'this-device-only', protectionClass: 7 }]);
  });

  it('passes over what is not there or no list', () => {
    expect([...readKeychain(encodeBinaryPlist({ genp: 'text', inet: [] }), KEYS)]).toEqual([]);
    expect([...readKeychain(encodeBinaryPlist({ genp: [7, {}] }), KEYS)]).toMatchObject([
      { state: 'damaged' },
      { state: 'damaged' },
    ]);
  });

  it.each([new Uint8Array(), Buffer.from('no list'), encodeBinaryPlist(['no dictionary'])])(
    'refuses what is no keychain (%#)',
    (bytes) => {
      expect(() => readKeychain(bytes, KEYS)).toThrow(
        expect.objectContaining({ code: 'backup.keychain-damaged' }),
      );
    },
  );
});

describe('decryptItem', () => {
  it('decrypts what the description of the format shows', () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => 0x60 + index);
    const bytes = Buffer.from('756583a8d5aa72f90600362127a652e12ca379c774997c68edbc5d', 'hex');
    expect(Buffer.from(decryptItem(key, bytes) ?? []).toString()).toBe('secret item');
    expect(decryptItem(key, bytes.subarray(1))).toBeUndefined();
    expect(decryptItem(key, bytes.subarray(0, 15))).toBeUndefined();
  });
});

function read(tables: Readonly<Record<string, readonly Uint8Array[]>>) {
  return [...readKeychain(keychainBytes(tables), KEYS)];
}

function sealed(attributes: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const pairs = Object.entries(attributes).map(([name, value]) => derSequence(derUtf8String(name), value));
  return sealItem(derSet(...pairs), { classKey: CLASS_KEY });
}

/** The wrapping is good, but it holds a key for another cipher. */
function sealedWithShortKey(): Uint8Array {
  const bytes = Buffer.from(sealItem(derSet(), { classKey: CLASS_KEY }));
  bytes.writeUInt32LE(24, 8);
  return Buffer.concat([bytes.subarray(0, 12), wrapKey(CLASS_KEY, new Uint8Array(16)), bytes.subarray(52)]);
}

function time(text: string): Uint8Array {
  return Buffer.from([24, text.length, ...Buffer.from(text)]);
}
