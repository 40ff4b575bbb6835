import { describe, expect, test } from 'vitest';
import { exampleBackup } from '../example-backup.ts';
import { openManifest } from './manifest.ts';

const file = (domain: string, relativePath: string) => ({
  domain,
  relativePath,
  content: new Uint8Array([1]),
});
const NAMES = ['a', 'a b', 'a/b', 'B', 'b', 'ä', '\u{1f34e}', '\uffee', 'z'];

describe('entries by place', () => {
  test('come in the order of domain and path, each once, from any of them on', async () => {
    const files = NAMES.flatMap((name) => [file('HomeDomain', name), file('AppDomain-x', name)]);
    const manifest = await openManifest(await exampleBackup({ files }));
    try {
      const domains = manifest.domains();
      const all = [...manifest.entriesByPlace({ domains })].filter(({ kind }) => kind === 'file');
      expect(all.map(({ domain }) => domain)).toEqual([
        ...NAMES.map(() => 'AppDomain-x'),
        ...NAMES.map(() => 'HomeDomain'),
      ]);
      const sorted = NAMES.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(all.slice(0, NAMES.length).map(({ relativePath }) => relativePath)).toEqual(sorted);
      for (const [index, after] of all.entries()) {
        const rest = [...manifest.entriesByPlace({ domains, after })].filter(({ kind }) => kind === 'file');
        expect(rest.map(({ fileID }) => fileID)).toEqual(all.slice(index + 1).map(({ fileID }) => fileID));
      }
      const some = [...manifest.entriesByPlace({ domains: ['HomeDomain', 'unknown'] })];
      expect(new Set(some.map(({ domain }) => domain))).toEqual(new Set(['HomeDomain']));
    } finally {
      await manifest.close();
    }
  });

  test('of more than are read at a time are all there', async () => {
    const count = 2500;
    const files = [file('HomeDomain', 'x')];
    const tree = await exampleBackup({
      files,
      changeManifest: (database) => {
        const row = database.prepare("SELECT flags, file FROM Files WHERE relativePath = 'x'").get();
        const insert = database.prepare(
          'INSERT INTO Files (fileID, domain, relativePath, flags, file) VALUES (?, ?, ?, ?, ?)',
        );
        // Many of one name: only their fileIDs tell them apart.
        for (let index = 0; index < count; index += 1) {
          const fileID = index.toString(16).padStart(40, '0');
          insert.run(fileID, 'HomeDomain', 'same', Number(row?.['flags']), row?.['file'] as Uint8Array);
        }
      },
    });
    const manifest = await openManifest(tree);
    try {
      const all = [...manifest.entriesByPlace({ domains: ['HomeDomain'] })];
      expect(all).toHaveLength(manifest.count({ domain: 'HomeDomain' }));
      expect(new Set(all.map(({ fileID }) => fileID)).size).toBe(all.length);
      expect(all.filter(({ fileID }) => fileID.startsWith('0000'))).toHaveLength(count);
    } finally {
      await manifest.close();
    }
  });
});
