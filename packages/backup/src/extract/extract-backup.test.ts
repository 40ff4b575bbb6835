import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderTree, Secret } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareBackups } from '../compare/compare-backups.ts';
import { entryFilter } from '../filter/entry-filter.ts';
import { type Backup, openBackup, unlockBackup } from '../open-backup.ts';
import { extractFiles } from './extract-files.ts';

const FIXTURES = fileURLToPath(new URL('../../../../tests/fixtures', import.meta.url));
const UDID = '00008120-0001A2B3C4D5E6F7';
const PASSWORD = new Secret('Boskoop & Söhne 7');

let to: string;
beforeEach(async () => {
  to = await mkdtemp(join(tmpdir(), 'rootcellar-test-'));
});
afterEach(() => rm(to, { recursive: true }));

describe('a whole backup', () => {
  it.each(['plain', 'encrypted'] as const)('comes out as it was on the device: %s', async (kind) => {
    const backup = await open(kind);
    try {
      const read = (entry: Parameters<Backup['read']>[0]) => backup.read(entry);
      const options = { entries: backup.manifest.entries(), read, to };
      const expected = expectedOf(kind);
      const names = Object.keys(expected);
      expect(await extractFiles(options)).toMatchObject({ files: names.length, unreadable: 0, renamed: 0 });
      for (const name of names) {
        // Written as the text of which the fileID is made.
        const [domain = '', path = ''] = splitAtPath(name);
        const content = readFileSync(join(to, domain, path));
        expect([name, sha256(content)]).toEqual([name, expected[name]?.sha256]);
      }
      const again = { ...options, entries: backup.manifest.entries() };
      expect(await extractFiles(again)).toMatchObject({ files: 0, kept: names.length });
    } finally {
      await backup.close();
    }
  });

  it('gives the files of one app, or of one kind', async () => {
    const backup = await open('encrypted');
    try {
      const domains = backup.manifest.domains();
      const count = (selection: Parameters<typeof entryFilter>[0]) =>
        [...backup.manifest.entries()]
          .filter((entry) => entry.kind === 'file')
          .filter(entryFilter(selection, domains)).length;
      expect(count({ app: 'com.example.app' })).toBeGreaterThan(0);
      expect(count({ like: '*.jpg' })).toBe(1);
      expect(count({ like: 'HomeDomain/**/sms.db' })).toBe(1);
    } finally {
      await backup.close();
    }
  });

  it('differs from the same without encryption only by the keychain', async () => {
    const [plain, encrypted] = [await open('plain'), await open('encrypted')];
    try {
      const differences: string[] = [];
      const { removed, changed } = await compareBackups(plain.manifest, encrypted.manifest, {
        onDifference: ({ change, after }) => differences.push(`${change} ${after?.domain}`),
      });
      expect({ removed: removed.files, changed: changed.files, differences }).toEqual({
        removed: 0,
        changed: 0,
        differences: ['added KeychainDomain'],
      });
    } finally {
      await plain.close();
      await encrypted.close();
    }
  });
});

async function open(kind: 'plain' | 'encrypted'): Promise<Backup> {
  const tree = folderTree(join(FIXTURES, `backup-${kind}`, UDID));
  return openBackup(tree, kind === 'plain' ? {} : { keys: await unlockBackup(tree, PASSWORD) });
}

function expectedOf(kind: string): Readonly<Record<string, { readonly sha256: string }>> {
  const path = join(FIXTURES, `backup-${kind}`, `expected-${kind}.json`);
  return JSON.parse(readFileSync(path, 'utf8')).files;
}

function splitAtPath(name: string): readonly string[] {
  const match = /^((?:AppDomain(?:Group|Plugin)?-)?[^-]+)-(.*)$/.exec(name);
  return match?.slice(1) ?? [];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
