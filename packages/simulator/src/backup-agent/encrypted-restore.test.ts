import type { PlistDict } from '@rootcellar/codecs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshContent } from '../content/fresh.ts';
import { compareInventories, takeInventory } from '../content/inventory.ts';
import {
  type BenchPhone,
  backupRequest,
  benchPhone,
  converse,
  describeDisk,
  NOW,
  UDID,
} from './test-bench/bench-phone.ts';
import { passwordRequest } from './test-bench/password-request.ts';
import { openStrictly } from './test-bench/strict-decryptor.ts';
import { StrictHost } from './test-bench/strict-host.ts';

const PASSWORD = 'tést 🔑';
const FAST = { pbkdf2Rounds: 100 };
const FRESH = freshContent({ seed: 7, now: NOW });
const SAME = { missing: [], added: [], changed: [] };
const WRONG = [
  207,
  'Invalid password when restoring encrypted backup (MBErrorDomain/207). Underlying error: MKBKeyBagUnlock error (-3) (MBErrorDomain/207).',
];

describe('the restore of an encrypted backup', () => {
  let source: BenchPhone;
  const template = new StrictHost();
  let host: StrictHost;
  beforeAll(async () => {
    source = await benchPhone();
    await converse(source, new StrictHost(), passwordRequest({ new: PASSWORD }), FAST);
    await converse(source, template, backupRequest(), FAST);
  });
  beforeEach(() => {
    host = new StrictHost();
    for (const [path, bytes] of template.files) host.files.set(path, bytes);
    for (const folder of template.folders) host.folders.add(folder);
  });

  /** The apps of a backup come from Info.plist, which hosts write; here they are on the phone already. */
  const erased = async (): Promise<BenchPhone> => {
    const phone = await benchPhone({ content: FRESH });
    phone.setApps(source.apps);
    return phone;
  };
  const restore = async (phone: BenchPhone, options: PlistDict = { Password: PASSWORD }) => {
    const whole = { RestoreSystemFiles: true, RestorePreserveSettings: false, RemoveItemsNotRestored: true };
    const request = { MessageName: 'Restore', TargetIdentifier: UDID, Options: { ...whole, ...options } };
    const { answer } = await converse(phone, host, request, FAST);
    if (answer?.['ErrorCode'] === 0) await expect.poll(() => phone.restarts).toBe(1);
    return [answer?.['ErrorCode'], answer?.['ErrorDescription']];
  };
  const differences = async (phone: BenchPhone) =>
    compareInventories(
      await takeInventory(source, { encrypted: true }),
      await takeInventory(phone, { encrypted: true }),
    );
  const open = () => openStrictly(host, PASSWORD);

  it('brings everything back, the keychain and the password included', async () => {
    const phone = await erased();
    expect((await differences(phone)).missing.length).toBeGreaterThan(150);
    expect(await restore(phone)).toEqual([0, undefined]);
    expect(await differences(phone)).toEqual(SAME);
    expect(phone.encryption?.password).toBe(PASSWORD);
    expect(phone.values.get('com.apple.mobile.backup', 'WillEncrypt')).toBe(true);
  });

  it('makes a phone whose next backup goes on from it', async () => {
    const phone = await erased();
    await restore(phone);
    const run = await converse(phone, host, backupRequest(), FAST);
    expect(run.uploaded.filter((path) => /[0-9a-f]{40}$/.test(path))).toEqual([]);
    open();
  });

  it('leaves what is bound to another phone behind, and locks it with the password all the same', async () => {
    const phone = await erased();
    Object.assign(phone, { hardwareKey: new Uint8Array(32).fill(7) });
    await restore(phone);
    const { missing, added, changed } = await differences(phone);
    expect([added, changed]).toEqual([[], []]);
    expect(missing.length).toBeGreaterThan(3);
    expect(missing.filter((name) => !/^KeychainDomain\/genp \d+ \((aku|cku|dku)\)$/.test(name))).toEqual([]);
    await converse(phone, host, backupRequest(), FAST);
    open();
  });

  it('keeps the keys of a phone that has this password already', async () => {
    const phone = await benchPhone();
    await converse(phone, new StrictHost(), passwordRequest({ new: PASSWORD }), FAST);
    phone.encryption = phone.encryption && { ...phone.encryption };
    const { encryption } = phone;
    await restore(phone);
    expect(phone.encryption).toBe(encryption);
  });

  it.each([
    ['a wrong password', { Password: 'test' }],
    ['none', {}],
    ['an empty one', { Password: '' }],
  ])('with %s ends with 207 before anything has changed', async (_, options) => {
    const phone = await erased();
    const before = await describeDisk(phone);
    expect(await restore(phone, options)).toEqual(WRONG);
    expect(await describeDisk(phone)).toEqual(before);
    expect(phone.encryption).toBeUndefined();
    expect(phone.condition.restorePending).toBe(false);
  });

  it.each([
    ['that is cut', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 16)],
    ['of another length than whole blocks', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['that is not encrypted', () => Buffer.from('plain')],
    ['without a byte', () => new Uint8Array()],
  ])('is refused for a payload %s', async (_, change) => {
    const phone = await erased();
    const before = await describeDisk(phone);
    const row = [...open().rows.values()].find((one) => one.relativePath.endsWith('panorama.raw'));
    const path = `${UDID}/${row?.fileID.slice(0, 2)}/${row?.fileID}`;
    host.files.set(path, change(host.files.get(path) ?? new Uint8Array()));
    expect((await restore(phone))[0]).toBe(205);
    expect(await describeDisk(phone)).toEqual(before);
  });

  it('of one without password takes the password away, unless management wants one', async () => {
    const phone = await benchPhone();
    await converse(phone, host, backupRequest(), FAST);
    await converse(phone, host, passwordRequest({ new: 'x' }), FAST);
    phone.condition.requiresEncryption = true;
    expect((await restore(phone, {}))[0]).toBe(1);
    phone.condition.requiresEncryption = false;
    expect(await restore(phone, {})).toEqual([0, undefined]);
    expect(phone.encryption).toBeUndefined();
  });
});

describe('the restore of a backup without password', () => {
  it('brings the keychain back to the same phone, and to no other', async () => {
    const host = new StrictHost();
    const source = await benchPhone();
    await converse(source, host, backupRequest());
    const passwords = async (hardwareKey: Uint8Array) => {
      const phone = await benchPhone({ content: FRESH });
      Object.assign(phone, { hardwareKey });
      const request = {
        MessageName: 'Restore',
        TargetIdentifier: UDID,
        Options: { RestoreSystemFiles: true },
      };
      await converse(phone, host, request);
      await expect.poll(() => phone.restarts).toBe(1);
      return [...(await takeInventory(phone)).keys()].filter((name) =>
        /^KeychainDomain\/(?!key)\w+ /.test(name),
      );
    };
    expect((await passwords(source.hardwareKey)).length).toBeGreaterThan(15);
    expect(await passwords(new Uint8Array(32))).toEqual([]);
  });
});
