import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backupEntries } from '../content/backup-entries.ts';
import { findDomain, hasDigests } from '../content/domains.ts';
import { encodeKeychain, KEYCHAIN_PATH, parseKeychain } from '../content/keychain.ts';
import { encodeItemAttributes } from '../content/keychain-item.ts';
import { bytesContent, readWhole } from '../file-system/file-content.ts';
import { type BenchPhone, backupRequest, benchPhone, converse, UDID } from './test-bench/bench-phone.ts';
import { passwordRequest } from './test-bench/password-request.ts';
import { type OpenedBackup, openKeychainStrictly, openStrictly } from './test-bench/strict-decryptor.ts';
import { StrictHost } from './test-bench/strict-host.ts';

const PASSWORD = 'tést 🔑';
const FAST = { pbkdf2Rounds: 100 };

const encryptedPhone = async (password = PASSWORD, version = '26.1'): Promise<BenchPhone> => {
  const phone = await benchPhone({ version });
  await setPassword(phone, { new: password });
  return phone;
};

const setPassword = async (phone: BenchPhone, passwords: { old?: string; new?: string }) => {
  const { answer } = await converse(phone, new StrictHost(), passwordRequest(passwords), FAST);
  expect(answer).toEqual({ MessageName: 'Response', ErrorCode: 0 });
};

const backUp = async (phone: BenchPhone, host: StrictHost) => {
  const run = await converse(phone, host, backupRequest(), FAST);
  expect(run.answer).toEqual({ MessageName: 'Response', ErrorCode: 0 });
  return run.uploaded.filter((path) => /[0-9a-f]{40}$/.test(path)).map((path) => path.slice(-40));
};

/** By `domain/path`. */
const named = ({ rows }: OpenedBackup) =>
  new Map([...rows.values()].map((row) => [`${row.domain}/${row.relativePath}`, row]));

describe('an encrypted backup', () => {
  let phone: BenchPhone;
  const host = new StrictHost();
  let opened: OpenedBackup;
  beforeAll(async () => {
    phone = await encryptedPhone();
    await backUp(phone, host);
    opened = openStrictly(host, PASSWORD);
  });

  it('holds every file of the phone, for whoever knows the password', async () => {
    const entries = [...backupEntries(phone.files, phone.apps, 'encrypted')];
    expect(opened.rows.size).toBe(entries.length);
    const rows = named(opened);
    for (const { domain, relativePath, node } of entries) {
      if (node.content === undefined || node.path === KEYCHAIN_PATH) continue;
      const row = rows.get(`${domain}/${relativePath}`);
      expect(Buffer.compare(row?.plain ?? Buffer.of(), await readWhole(node.content)), relativePath).toBe(0);
      expect(row?.stored?.length).toBe(Math.floor(node.sizeBytes / 16) * 16 + 16);
      expect(row?.digest !== undefined).toBe(hasDigests(domain));
      expect(row?.encryptionKey?.[0]).toBe(node.attributes.protectionClass);
    }
  });

  it('shows nothing of itself to who does not', () => {
    expect(() => openStrictly(host, 'wrong')).toThrow('wrong key');
    for (const [path, bytes] of host.files) {
      if (!/[0-9a-f]{40}$|Manifest.db$/.test(path)) continue;
      expect(Buffer.from(bytes).includes('SQLite format')).toBe(false);
      expect(bytes.length % 16).toBe(0);
    }
  });

  it('has a keybag like that of a phone', () => {
    const { header, tags, classes } = opened.bag;
    expect(tags.slice(0, 10).join(' ')).toBe('VERS TYPE UUID HMCK WRAP SALT ITER DPWT DPIC DPSL');
    expect(header['VERS']?.readUInt32BE()).toBe(5);
    expect(classes.map(({ name, wrap }) => `${name}:${wrap}`).join(' ')).toBe(
      '11:3 10:3 9:3 8:2 7:2 6:2 5:3 4:2 3:2 2:2 1:2',
    );
    expect(new Set(classes.map(({ key }) => key.toString('hex'))).size).toBe(11);
  });

  it('gives every file a key of its own', () => {
    const keys = [...opened.rows.values()].flatMap(({ encryptionKey }) => encryptionKey ?? []);
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(keys.length);
  });

  it('holds the keychain, of which a computer reads what is not bound to the phone', () => {
    const plist = named(opened).get('KeychainDomain/keychain-backup.plist')?.plain ?? new Uint8Array();
    const items = openKeychainStrictly(plist, opened.bag);
    expect(new Set(items.map(({ itemClass }) => itemClass))).toEqual(new Set([6, 7, 8, 9, 10, 11]));
    for (const { itemClass, values } of items) expect(values === undefined).toBe(itemClass >= 9);
    const network = items.find(({ values }) => values?.get('acct')?.toString() === 'Café Zürich');
    expect(network?.values?.get('svce')?.toString()).toBe('AirPort');
    expect(network?.values?.get('v_Data')?.toString()).toMatch(/^\w{12}$/);
    const certificate = items.find(({ table }) => table === 'cert')?.values?.get('v_Data') ?? Buffer.of();
    expect(new X509Certificate(certificate).issuer).toBe('CN=Example Organisation');
  });

  it('leaves items that need the passcode on the phone', async () => {
    const other = await encryptedPhone();
    const attributes = encodeItemAttributes({ acct: 'vault', v_Data: Buffer.from('never to be seen') });
    const before = await readWhole(
      other.files.stat(KEYCHAIN_PATH)?.content ?? bytesContent(new Uint8Array()),
    );
    const items = parseKeychain(before);
    const added = { table: 'genp', row: 999, pdmn: 'akpu', attributes } as const;
    other.files.writeFile(KEYCHAIN_PATH, encodeKeychain([...items, added]));
    const otherHost = new StrictHost();
    await backUp(other, otherHost);
    const otherOpened = openStrictly(otherHost, PASSWORD);
    const plist = named(otherOpened).get('KeychainDomain/keychain-backup.plist')?.plain ?? new Uint8Array();
    expect(openKeychainStrictly(plist, otherOpened.bag)).toHaveLength(items.length);
  });

  it('is the same to the last byte for the same phone', async () => {
    const again = new StrictHost();
    await backUp(await encryptedPhone(), again);
    expect([...again.files.keys()].sort()).toEqual([...host.files.keys()].sort());
    for (const [path, bytes] of host.files)
      expect(Buffer.compare(again.files.get(path) ?? Buffer.of(), bytes), path).toBe(0);
  });
});

describe('the next encrypted backup', () => {
  let phone: BenchPhone;
  let host: StrictHost;
  let documents = '';
  beforeEach(async () => {
    phone = await encryptedPhone();
    host = new StrictHost();
    documents = `${findDomain('AppDomain-com.example.trails', phone.apps)?.root}/Documents`;
    await backUp(phone, host);
  });

  it('sends nothing again when nothing has changed, and keeps every key', async () => {
    const before = openStrictly(host, PASSWORD);
    expect(await backUp(phone, host)).toEqual([]);
    const after = openStrictly(host, PASSWORD);
    for (const [fileID, { encryptionKey }] of before.rows)
      expect(after.rows.get(fileID)?.encryptionKey).toEqual(encryptionKey);
    expect(after.manifestPlist['ManifestKey']).not.toEqual(before.manifestPlist['ManifestKey']);
  });

  it('gives what has changed a new key, and nothing else', async () => {
    const before = openStrictly(host, PASSWORD);
    phone.files.writeFile(`${documents}/CASE.txt`, Buffer.from('UPPER'));
    const [changed, ...others] = await backUp(phone, host);
    expect(others).toEqual([]);
    const after = openStrictly(host, PASSWORD);
    const row = after.rows.get(changed ?? '');
    expect(Buffer.from(row?.plain ?? []).toString()).toBe('UPPER');
    expect(row?.encryptionKey).not.toEqual(before.rows.get(changed ?? '')?.encryptionKey);
  });

  it('opens with another password after a change, and sends nothing again', async () => {
    await setPassword(phone, { old: PASSWORD, new: 'second' });
    expect(await backUp(phone, host)).toEqual([]);
    expect(() => openStrictly(host, PASSWORD)).toThrow('wrong key');
    expect(openStrictly(host, 'second').rows.size).toBeGreaterThan(200);
  });

  it('is full when the password was removed and set again', async () => {
    await setPassword(phone, { old: PASSWORD });
    await setPassword(phone, { new: PASSWORD });
    const sent = await backUp(phone, host);
    expect(sent).toHaveLength(
      [...openStrictly(host, PASSWORD).rows.values()].filter((row) => row.plain).length,
    );
  });

  it('is full and plain when the password was removed, and full again when it is back', async () => {
    await setPassword(phone, { old: PASSWORD });
    expect((await backUp(phone, host)).length).toBeGreaterThan(150);
    expect(Buffer.from(host.files.get(`${UDID}/Manifest.db`) ?? []).includes('SQLite format')).toBe(true);
    await setPassword(phone, { new: 'third' });
    expect((await backUp(phone, host)).length).toBeGreaterThan(150);
    openStrictly(host, 'third');
  });

  it('sends a file again that another program has stored without key', async () => {
    const plain = new StrictHost();
    await backUp(await benchPhone(), plain);
    expect((await backUp(phone, plain)).length).toBeGreaterThan(150);
    openStrictly(plain, PASSWORD);
  });
});
