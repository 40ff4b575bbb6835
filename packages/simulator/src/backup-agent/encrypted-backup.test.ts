import { beforeAll, describe, expect, it } from 'vitest';
import { backupEntries } from '../content/backup-entries.ts';
import { hasDigests } from '../content/domains.ts';
import { readWhole } from '../file-system/file-content.ts';
import { type BenchPhone, backupRequest, benchPhone, converse, UDID } from './test-bench/bench-phone.ts';
import { type OpenedBackup, openStrictly } from './test-bench/strict-decryptor.ts';
import { StrictHost } from './test-bench/strict-host.ts';

const PASSWORD = 'tést 🔑';
const FAST = { pbkdf2Rounds: 100 };

const setPassword = async (phone: BenchPhone, passwords: { OldPassword?: string; NewPassword?: string }) => {
  const request = { MessageName: 'ChangePassword', TargetIdentifier: UDID, ...passwords };
  const { answer } = await converse(phone, new StrictHost(), request, FAST);
  return [answer?.['ErrorCode'], answer?.['ErrorDescription']];
};

describe('an encrypted backup', () => {
  let phone: BenchPhone;
  const host = new StrictHost();
  let opened: OpenedBackup;
  beforeAll(async () => {
    phone = await benchPhone();
    expect(await setPassword(phone, { NewPassword: PASSWORD })).toEqual([0, undefined]);
    const { answer } = await converse(phone, host, backupRequest(), FAST);
    expect(answer?.['ErrorCode']).toBe(0);
    opened = openStrictly(host, PASSWORD);
  });

  it('holds every file of the phone, for whoever knows the password', async () => {
    const entries = [...backupEntries(phone.files, phone.apps, true)];
    expect(opened.rows.size).toBe(entries.length);
    const byName = new Map(
      [...opened.rows.values()].map((row) => [`${row.domain}/${row.relativePath}`, row]),
    );
    for (const { domain, relativePath, node } of entries) {
      if (node.content === undefined) continue;
      const row = byName.get(`${domain}/${relativePath}`);
      expect(Buffer.compare(row?.plain ?? Buffer.of(), await readWhole(node.content)), relativePath).toBe(0);
      expect(row?.stored?.length).toBe(Math.floor(node.sizeBytes / 16) * 16 + 16);
      expect(row?.digest !== undefined).toBe(hasDigests(domain));
      expect(row?.encryptionKey?.[0]).toBe(node.attributes.protectionClass);
    }
  });

  it('shows nothing of itself to who does not', () => {
    expect(() => openStrictly(host, 'wrong')).toThrow('wrong key');
    expect(host.files.get(`${UDID}/Manifest.db`)?.length).toBeGreaterThan(4096);
    for (const [path, bytes] of host.files) {
      if (/[0-9a-f]{40}$|Manifest.db$/.test(path))
        expect(Buffer.from(bytes).includes('SQLite format')).toBe(false);
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
});
