import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { manualClock } from '@rootcellar/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPhoneFiles } from '../file-system/create-phone-files.ts';
import { readWhole } from '../file-system/file-content.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { backupEntries } from './backup-entries.ts';
import type { BackupScope } from './domains.ts';
import { freshContent } from './fresh.ts';
import type { PhoneContent } from './phone-content.ts';
import { tinyContent } from './tiny.ts';

const NOW = new Date('2026-05-03T10:00:00Z');

async function phoneWith(content: PhoneContent): Promise<PhoneFileSystem> {
  const files = await createPhoneFiles({ clock: manualClock(NOW) });
  content.fill(files);
  return files;
}

describe('the tiny phone', () => {
  const content = tinyContent({ seed: 7, now: NOW });
  let files: PhoneFileSystem;
  let folder = '';
  beforeAll(async () => {
    files = await phoneWith(content);
    folder = mkdtempSync(join(tmpdir(), 'tiny-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const nodes = async (of: PhoneFileSystem) =>
    Promise.all(
      [...of.walk('/')].map(async ({ content: c, ...node }) => ({
        ...node,
        bytes: c && Buffer.from(await readWhole(c)).toString('base64'),
      })),
    );
  const entries = (scope: BackupScope = 'plain') => [...backupEntries(files, content.apps, scope)];
  const find = (domain: string, path: string, scope?: BackupScope) =>
    entries(scope).find((one) => one.domain === domain && one.relativePath === path);

  it('is the same for the same seed and clock, and another for another seed', async () => {
    const again = await phoneWith(tinyContent({ seed: 7, now: NOW }));
    expect(await nodes(again)).toEqual(await nodes(files));
    expect(await nodes(await phoneWith(tinyContent({ seed: 8, now: NOW })))).not.toEqual(await nodes(files));
  });

  it('holds about two hundred files, folders, links and an empty file', () => {
    const kinds = entries().map((one) => one.node);
    const fileNodes = kinds.filter((node) => node.kind === 'file');
    expect(fileNodes.length).toBeGreaterThan(150);
    expect(fileNodes.length).toBeLessThan(260);
    expect(fileNodes.some((node) => node.sizeBytes === 0)).toBe(true);
    expect(kinds.filter((node) => node.kind === 'link').length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    [
      'HomeDomain',
      'Library/SMS/sms.db',
      'SELECT count(*) AS n FROM message JOIN chat_message_join ON message_id = ROWID',
      60,
    ],
    ['HomeDomain', 'Library/AddressBook/AddressBook.sqlitedb', 'SELECT count(*) AS n FROM ABPerson', 12],
    [
      'HomeDomain',
      'Library/CallHistoryDB/CallHistory.storedata',
      'SELECT count(*) AS n FROM ZCALLRECORD',
      24,
    ],
    ['HomeDomain', 'Library/Safari/History.db', 'SELECT count(*) AS n FROM history_items', 4],
    ['HealthDomain', 'Health/healthdb_secure.sqlite', 'SELECT count(*) AS n FROM samples', 120],
    ['AppDomainGroup-group.com.apple.notes', 'NoteStore.sqlite', 'SELECT count(*) AS n FROM ZICNOTEDATA', 4],
    ['CameraRollDomain', 'Media/PhotoData/Photos.sqlite', 'SELECT count(*) AS n FROM ZASSET', 20],
  ])('has a sound database %s %s', async (domain, path, query, count) => {
    const found = find(domain, path, 'encrypted')?.node.content;
    const copy = join(folder, 'copy.db');
    writeFileSync(copy, found === undefined ? '' : await readWhole(found));
    const db = new DatabaseSync(copy, { readOnly: true });
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(db.prepare(query).get()).toEqual({ n: count });
    db.close();
  });

  it('keeps caches, temporary files and what an app excluded out of the backup', () => {
    const paths = entries()
      .filter((one) => one.domain.startsWith('AppDomain'))
      .map((one) => one.relativePath);
    expect(paths.filter((path) => /not-backed-up|excluded by its app|^tmp/.test(path))).toEqual([]);
    expect(paths.some((path) => path.startsWith('Library/Caches'))).toBe(false);
  });

  it.each([
    ['SystemPreferencesDomain', 'com.apple.wifi.known-networks.plist'],
    ['HealthDomain', 'Health/healthdb_secure.sqlite'],
    ['HomeKitDomain', 'Library/homed/home.plist'],
    ['HomeDomain', 'Library/CallHistoryDB/CallHistory.storedata'],
    ['HomeDomain', 'Library/Safari/History.db'],
    ['HomeDomain', 'Library/Safari/SafariTabs.db'],
    ['HomeDomain', 'Library/CoreDuet/People/interactionC.db'],
  ])('keeps %s %s for encrypted backups', (domain, path) => {
    expect(find(domain, path)).toBeUndefined();
    expect(find(domain, path, 'encrypted')).toBeDefined();
  });

  it('gives calls and pages to every backup before iOS 13', () => {
    expect(find('HomeDomain', 'Library/Safari/History.db', 'plain-before-13')).toBeDefined();
    expect(find('HomeDomain', 'Library/Safari/SafariTabs.db', 'plain-before-13')).toBeUndefined();
  });

  it('lists every folder above a file, and the root of its domain', () => {
    const places = new Set(entries().map((one) => `${one.domain}-${one.relativePath}`));
    for (const { domain, relativePath } of entries()) {
      for (let path = relativePath; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
        expect(places).toContain(`${domain}-${path}`);
      }
      expect(places).toContain(`${domain}-`);
    }
    expect(places.size).toBe(entries().length);
  });
});

it('an erased phone has only what belongs to iOS', async () => {
  const content = freshContent({ seed: 7, now: NOW });
  const files = await phoneWith(content);
  const found = [...backupEntries(files, content.apps, 'plain')];
  expect(content.apps.every((app) => app.kind === 'System')).toBe(true);
  expect(found.filter((one) => one.node.kind === 'file').length).toBeLessThan(20);
});
