import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asDict,
  encodeBinaryPlist,
  encodeXmlPlist,
  type PlistDict,
  parsePropertyList,
} from '@rootcellar/codecs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backupEntries } from '../content/backup-entries.ts';
import { containerUUID, findDomain } from '../content/domains.ts';
import { freshContent } from '../content/fresh.ts';
import { readWhole } from '../file-system/file-content.ts';
import type { Phone } from '../phone/phone.ts';
import { isDamaged, readManifestDb, writeManifestDb } from './manifest-db.ts';
import { fileIDOf, type ManifestRow } from './manifest-row.ts';
import { completePendingRestore } from './restore-plan.ts';
import {
  type BenchPhone,
  backupRequest,
  benchPhone,
  converse,
  describeDisk,
  NOW,
  UDID,
} from './test-bench/bench-phone.ts';
import { findFaults } from './test-bench/check-backup.ts';
import { StrictHost } from './test-bench/strict-host.ts';

const FRESH = freshContent({ seed: 7, now: NOW });
const WHOLE = { RestoreSystemFiles: true, RestorePreserveSettings: false, RemoveItemsNotRestored: true };

function restoreRequest(options: PlistDict = WHOLE): PlistDict {
  return { MessageName: 'Restore', TargetIdentifier: UDID, SourceIdentifier: UDID, Options: options };
}

/** What a backup takes, with bytes and metadata: equal phones have equal lists. */
async function describeEntries(phone: Phone): Promise<readonly object[]> {
  return Promise.all(
    [...backupEntries(phone.files, phone.apps, 'plain')].map(async ({ domain, relativePath, node }) => ({
      domain,
      relativePath,
      kind: node.kind,
      inode: node.kind === 'file' ? node.inode : 0,
      attributes: node.attributes,
      target: node.target,
      bytes: node.content && Buffer.from(await readWhole(node.content)).toString('base64'),
    })),
  );
}

describe('a restore', () => {
  let source: BenchPhone;
  let template: StrictHost;
  let host: StrictHost;

  beforeAll(async () => {
    source = await benchPhone();
    template = new StrictHost();
    await converse(source, template, backupRequest());
    const users = source.apps.filter((app) => app.kind === 'User');
    const entries = users.map((app) => [
      app.bundleID,
      { ApplicationSINF: app.sinf, iTunesMetadata: app.metadata, PlaceholderIcon: app.iconPng },
    ]);
    template.files.set(`${UDID}/Info.plist`, encodeXmlPlist({ Applications: Object.fromEntries(entries) }));
  });
  beforeEach(() => {
    host = new StrictHost();
    for (const [path, bytes] of template.files) host.files.set(path, bytes);
    for (const folder of template.folders) host.folders.add(folder);
  });

  const erased = (version = '26.1') => benchPhone({ content: FRESH, version });
  const code = async (phone: BenchPhone, options?: PlistDict) => {
    const run = await converse(phone, host, restoreRequest(options));
    return [run.answer?.['ErrorCode'], run.answer?.['ErrorDescription']];
  };

  it('gives an erased phone everything back, metadata included, and restarts it', async () => {
    const phone = await erased();
    phone.condition.setUp = false;
    const run = await converse(phone, host, restoreRequest());
    expect(run.answer).toEqual({ MessageName: 'Response', ErrorCode: 0 });
    expect(run.downloaded.slice(0, 4).map((path) => path.slice(UDID.length + 1))).toEqual([
      'Status.plist',
      'Manifest.plist',
      'Manifest.db',
      'Info.plist',
    ]);
    await expect.poll(() => phone.restarts).toBe(1);
    expect(phone.condition.setUp).toBe(true);
    expect(phone.values.get('', 'DeviceName')).toBe('Bench');
    expect(phone.apps).toEqual(source.apps);
    expect(await describeEntries(phone)).toEqual(await describeEntries(source));
  });

  it('makes a phone whose next backup has nothing to send', async () => {
    const phone = await erased();
    await converse(phone, host, restoreRequest());
    await expect.poll(() => phone.restarts).toBe(1);
    const run = await converse(phone, host, backupRequest());
    expect(run.uploaded.filter((path) => /[0-9a-f]{40}$/.test(path))).toEqual([]);
    expect(await findFaults(phone, host)).toEqual([]);
  });

  it('waits for the restart when the host wants none, and a second one ends with 102', async () => {
    const phone = await erased();
    const before = await describeDisk(phone);
    const options = { ...WHOLE, RestoreShouldReboot: false };
    expect(await code(phone, options)).toEqual([0, undefined]);
    expect(await describeDisk(phone)).toEqual(before);
    expect((await code(phone, options))[0]).toBe(102);
    await completePendingRestore(phone);
    expect(phone.restarts).toBe(0);
    expect(await describeEntries(phone)).toEqual(await describeEntries(source));
  });

  it('leaves the phone as it was when the host dies at any message', async () => {
    const phone = await erased();
    const before = await describeDisk(phone);
    for (let atMessage = 0; atMessage < 6; atMessage += 1) {
      for (const when of ['before', 'after'] as const) {
        const run = await converse(phone, host, restoreRequest(), { cut: { atMessage, when } });
        expect(run.answer).toBeUndefined();
      }
    }
    expect(await describeDisk(phone)).toEqual(before);
    expect(phone.condition.restorePending).toBe(false);
  });

  it('leaves system domains, settings and everything else alone if asked to', async () => {
    const phone = await benchPhone();
    const mine = `${findDomain('AppDomain-com.example.trails', phone.apps)?.root}/Documents/mine.txt`;
    const setting = '/var/mobile/Library/Preferences/com.apple.camera.plist';
    const system = '/var/preferences/SystemConfiguration/preferences.plist';
    for (const path of [mine, setting, system]) phone.files.writeFile(path, Buffer.from('mine'));
    await converse(phone, host, restoreRequest({ RestorePreserveSettings: true }));
    await expect.poll(() => phone.restarts).toBe(1);
    for (const path of [mine, setting, system]) expect(phone.files.stat(path)?.sizeBytes).toBe(4);
  });

  it('removes what is not in the backup if asked to', async () => {
    const phone = await benchPhone();
    const other = {
      bundleID: 'com.example.other',
      displayName: 'Other',
      version: '1',
      kind: 'User' as const,
    };
    phone.setApps([...phone.apps, { ...other, groups: [], plugins: [], containerUUID: containerUUID('x') }]);
    const documents = `${findDomain('AppDomain-com.example.trails', phone.apps)?.root}/Documents`;
    phone.files.writeFile(`${documents}/mine/mine.txt`, Buffer.from('mine'));
    phone.files.writeFile(
      `/var/mobile/Containers/Data/Application/${containerUUID('x')}/a`,
      Buffer.from('a'),
    );
    await converse(phone, host, restoreRequest());
    await expect.poll(() => phone.restarts).toBe(1);
    expect(await describeEntries(phone)).toEqual(await describeEntries(source));
    expect(phone.apps).toEqual(source.apps);
    expect(phone.files.stat(`/var/mobile/Containers/Data/Application/${containerUUID('x')}`)).toBeUndefined();
  });

  it('brings no apps back without RemoveItemsNotRestored', async () => {
    const phone = await erased();
    await converse(phone, host, restoreRequest({ RestoreSystemFiles: true }));
    await expect.poll(() => phone.restarts).toBe(1);
    expect(new Set(phone.apps.map((app) => app.kind))).toEqual(new Set(['System']));
    expect(phone.files.stat('/var/mobile/Library/SMS/sms.db')).toBeDefined();
    expect(phone.files.list('/var/mobile/Containers/Data/Application')).toHaveLength(phone.apps.length);
  });

  it('refuses while Find My is on, without the escrow bag, and what does not fit', async () => {
    const phone = await erased();
    phone.condition.findMy = true;
    expect((await code(phone))[0]).toBe(211);
    phone.condition.findMy = false;
    const locked = await converse(phone, host, restoreRequest(), { escrowUnlocked: false });
    expect(locked.answer?.['ErrorCode']).toBe(208);
    const small = await benchPhone({ content: FRESH, capacityBytes: 2_000_000 });
    expect(await code(small)).toEqual([105, expect.stringMatching(/to restore \(\d+ < \d+\)/)]);
    expect((await code(await erased('18.7')))[0]).toBe(203);
  });

  it('refuses what is unfinished, empty, missing, encrypted or damaged', async () => {
    const phone = await erased();
    const before = await describeDisk(phone);
    const status = asDict(parsePropertyList(host.files.get(`${UDID}/Status.plist`) ?? new Uint8Array()));
    const manifest = asDict(parsePropertyList(host.files.get(`${UDID}/Manifest.plist`) ?? new Uint8Array()));
    const withFile = async (name: string, bytes: Uint8Array | undefined) => {
      const path = `${UDID}/${name}`;
      const old = host.files.get(path) ?? new Uint8Array();
      if (bytes === undefined) host.files.delete(path);
      else host.files.set(path, bytes);
      const [answer] = await code(phone);
      host.files.set(path, old);
      return answer;
    };
    expect(await withFile('Status.plist', encodeBinaryPlist({ ...status, SnapshotState: 'uploading' }))).toBe(
      205,
    );
    expect(await withFile('Status.plist', undefined)).toBe(205);
    expect(await withFile('Manifest.plist', new Uint8Array())).toBe(205);
    expect(await withFile('Manifest.plist', encodeBinaryPlist({ ...manifest, IsEncrypted: true }))).toBe(207);
    expect(await withFile('Manifest.db', undefined)).toBe(205);
    expect(await withFile('Manifest.db', Buffer.from('nonsense'))).toBe(205);
    expect(await describeDisk(phone)).toEqual(before);
  });

  it('notices a payload that is missing or changed', async () => {
    const phone = await erased();
    const id = fileIDOf('HomeDomain', 'Library/SMS/sms.db');
    const path = `${UDID}/${id.slice(0, 2)}/${id}`;
    const bytes = Buffer.from(host.files.get(path) ?? '');
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    host.files.set(path, bytes);
    expect(await code(phone)).toEqual([205, expect.stringContaining("Digest didn't match")]);
    host.files.delete(path);
    expect(await code(phone)).toEqual([205, expect.stringContaining('Multiple errors downloading')]);
    expect(phone.files.stat('/var/mobile/Library/SMS/sms.db')).toBeUndefined();
  });

  describe('of a manifest that somebody has written', () => {
    /** Rewrites the manifest; every row's payload is a single byte. */
    const forge = (change: (rows: ManifestRow[]) => readonly ManifestRow[]): void => {
      const folder = mkdtempSync(join(tmpdir(), 'forge-'));
      try {
        writeFileSync(join(folder, 'old.db'), host.files.get(`${UDID}/Manifest.db`) ?? '');
        const rows = [...readManifestDb(join(folder, 'old.db'))].filter(
          (row): row is ManifestRow => !isDamaged(row),
        );
        writeManifestDb(join(folder, 'new.db'), change(rows));
        host.files.set(`${UDID}/Manifest.db`, readFileSync(join(folder, 'new.db')));
      } finally {
        rmSync(folder, { recursive: true });
      }
    };
    const add = (domain: string, relativePath: string, more: Partial<ManifestRow> = {}): void => {
      forge((rows) => {
        const like = rows.find((row) => row.relativePath === 'Library/SMS/sms.db');
        if (like === undefined) throw new Error('No row to copy');
        const fileID = fileIDOf(domain, relativePath);
        host.files.set(`${UDID}/${fileID.slice(0, 2)}/${fileID}`, Buffer.from('x'));
        return [
          ...rows,
          { ...like, fileID, domain, relativePath, digest: undefined, sizeBytes: 1, inode: 999_999, ...more },
        ];
      });
    };

    it.each(['../../etc/passwd', '/etc/passwd', 'a//b', 'a/./b', 'a/\0'])(
      'refuses the path %j',
      async (path) => {
        add('HomeDomain', path);
        expect((await code(await erased()))[0]).toBe(205);
      },
    );

    it('refuses a file below a link', async () => {
      add('HomeDomain', 'Library/link', { mode: 0o120755, target: '/var/db' });
      add('HomeDomain', 'Library/link/inside');
      expect((await code(await erased()))[0]).toBe(205);
    });

    it('refuses a row without file type', async () => {
      add('HomeDomain', 'Library/x', { mode: 0o644 });
      expect(await code(await erased())).toEqual([205, expect.stringContaining('Invalid file type: 00')]);
    });

    it('follows dots in a domain name before 18.1 and refuses them since', async () => {
      const manifest = asDict(
        parsePropertyList(host.files.get(`${UDID}/Manifest.plist`) ?? new Uint8Array()),
      );
      const lockdown = { ...asDict(manifest?.['Lockdown']), ProductVersion: '17.0' };
      host.files.set(`${UDID}/Manifest.plist`, encodeBinaryPlist({ ...manifest, Lockdown: lockdown }));
      add('SysContainerDomain-../../../../../../../../var/backup', 'planted');
      const old = await erased('17.0');
      expect((await code(old))[0]).toBe(0);
      await expect.poll(() => old.files.stat('/var/backup/planted')?.sizeBytes).toBe(1);
      expect(await code(await erased('18.1'))).toEqual([
        205,
        expect.stringContaining('cannot contain a slash'),
      ]);
    });

    it('asks on 27 for listed apps and for digests', async () => {
      const older = await erased();
      add('AppDomain-com.example.unlisted', 'Documents/a');
      expect((await code(older))[0]).toBe(0);
      expect(await code(await erased('27.0'))).toEqual([205, expect.stringContaining('Unknown domain name')]);
      host.files.set(`${UDID}/Manifest.db`, template.files.get(`${UDID}/Manifest.db`) ?? new Uint8Array());
      expect((await code(await erased('27.0')))[0]).toBe(0);
      add('HomeDomain', 'Library/SMS/without-digest');
      expect(await code(await erased('27.0'))).toEqual([
        205,
        expect.stringContaining('references files not in backup'),
      ]);
    });
  });
});

describe('other requests', () => {
  const ask = async (request: PlistDict, host = new StrictHost(), phone?: BenchPhone) =>
    (
      await converse(phone ?? (await benchPhone({ content: FRESH })), host, {
        TargetIdentifier: UDID,
        ...request,
      })
    ).answer;

  it('are answered as real phones do', async () => {
    const phone = await benchPhone({ content: FRESH });
    const host = new StrictHost();
    await converse(phone, host, backupRequest());
    expect((await ask({ MessageName: 'Info' }, host))?.['Content']).toMatch(/systemDomainsVersion: '24.0'/);
    expect((await ask({ MessageName: 'Info' }))?.['ErrorCode']).toBe(4);
    expect((await ask({ MessageName: 'List' }, host))?.['ErrorCode']).toBe(205);
    expect((await ask({ MessageName: 'Extract' }, host))?.['ErrorCode']).toBe(4);
    expect((await ask({ MessageName: 'Dance' }))?.['ErrorCode']).toBe(1);
    expect(await ask({ MessageName: 'Unback' }, host)).toBeUndefined();
    const other = { MessageName: 'Backup', TargetIdentifier: `${UDID.slice(0, -1)}0` };
    expect((await ask(other))?.['ErrorCode']).toBe(1);
  });

  it('switch iCloud backup and erase the phone', async () => {
    const phone = await benchPhone();
    await ask({ MessageName: 'EnableCloudBackup', Options: { CloudBackupState: true } }, undefined, phone);
    expect(phone.values.get('com.apple.mobile.backup', 'CloudBackupEnabled')).toBe(true);
    expect((await ask({ MessageName: 'EraseDevice' }, undefined, phone))?.['ErrorCode']).toBe(0);
    expect(phone.files.stat('/var/mobile/Library/SMS/sms.db')).toBeUndefined();
    expect(phone.condition.setUp).toBe(false);
  });
});
