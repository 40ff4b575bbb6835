import type { KeyedValue } from '@rootcellar/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleBackup, insert } from '../example-backup.ts';
import { fileIDOf } from '../folder/blob-path.ts';
import { type Manifest, openManifest } from '../manifest/manifest.ts';
import { type CompareOptions, compareBackups } from './compare-backups.ts';
import { mergeEntries } from './merge-entries.ts';

interface Row {
  readonly domain?: string;
  readonly path: string;
  readonly flags?: number;
  readonly fields?: Readonly<Record<string, KeyedValue>>;
}

const APP = 'AppDomain-com.example.app';
const PLUGIN = 'AppDomainPlugin-com.example.app.widget';
const NONE = { files: 0, bytes: 0 };

describe('compareBackups', () => {
  it('finds nothing between a backup and itself', async () => {
    const rows: readonly Row[] = [{ path: 'a' }, { path: 'b', flags: 2 }];
    expect(await compare(rows, rows)).toEqual({
      added: NONE,
      changed: NONE,
      removed: NONE,
      byDomain: new Map(),
      byApp: new Map(),
    });
  });

  it('counts by domain and by app what came, changed and went', async () => {
    const before: readonly Row[] = [
      { path: 'same' },
      { path: 'gone', fields: { Size: 10 } },
      { domain: APP, path: 'changed', fields: { Size: 1 } },
    ];
    const after: readonly Row[] = [
      { path: 'same' },
      { domain: APP, path: 'changed', fields: { Size: 20 } },
      { domain: APP, path: 'new', fields: { Size: 300 } },
      { domain: PLUGIN, path: 'new too', fields: { Size: 4000 } },
    ];
    const [removed, changed] = [
      { files: 1, bytes: 10 },
      { files: 1, bytes: 20 },
    ];
    expect(await compare(before, after)).toEqual({
      added: { files: 2, bytes: 4300 },
      changed,
      removed,
      byDomain: new Map([
        ['HomeDomain', { added: NONE, changed: NONE, removed }],
        [APP, { added: { files: 1, bytes: 300 }, changed, removed: NONE }],
        [PLUGIN, { added: { files: 1, bytes: 4000 }, changed: NONE, removed: NONE }],
      ]),
      byApp: new Map([['com.example.app', { added: { files: 2, bytes: 4300 }, changed, removed: NONE }]]),
    });
  });

  const key = (byte: number) => ({ EncryptionKey: new Uint8Array(44).fill(byte) });
  const digest = (byte: number) => ({ Digest: new Uint8Array(20).fill(byte) });
  it.each<[string, Required<Row>['fields'], Required<Row>['fields'], boolean]>([
    ['size', { Size: 1 }, { Size: 2 }, true],
    ['date', { LastModified: 1 }, { LastModified: 2 }, true],
    ['mode', { Mode: 0o100644 }, { Mode: 0o100600 }, true],
    ['key', key(1), key(2), true],
    ['check value', digest(1), digest(2), true],
    ['number on the disk', { InodeNumber: 1 }, { InodeNumber: 2 }, false],
    ['change of attributes', { LastStatusChange: 1 }, { LastStatusChange: 2 }, false],
    ['key, of one that is encrypted and one that is not', key(1), {}, false],
    ['check value, of such two', { ...key(1), ...digest(1) }, digest(2), false],
    ['check value that only one has', digest(1), {}, false],
  ])('takes a file of another %s for changed or not', async (_, before, after, isChanged) => {
    const { changed } = await compare([{ path: 'a', fields: before }], [{ path: 'a', fields: after }]);
    expect(changed.files).toBe(isChanged ? 1 : 0);
  });

  it('counts no folders, but what takes the place of one', async () => {
    const folder: Row = { path: 'a', flags: 2, fields: { Mode: 0o040755, Size: 0, LastModified: 5 } };
    const other: Row = { ...folder, fields: { Mode: 0o040700, LastModified: 6 } };
    const file: Row = { path: 'a' };
    const link: Row = { path: 'a', flags: 4, fields: { Mode: 0o120755, Target: '/x' } };
    const otherLink: Row = { path: 'a', flags: 4, fields: { Mode: 0o120755, Target: '/y' } };
    for (const [before, after, change] of [
      [folder, other, undefined],
      [folder, undefined, undefined],
      [folder, file, 'added'],
      [file, folder, 'removed'],
      [file, link, 'changed'],
      [link, otherLink, 'changed'],
      [undefined, link, 'added'],
    ] as const) {
      const changes: string[] = [];
      const { removed } = await compare(before ? [before] : [], after ? [after] : [], {
        onDifference: (difference) => changes.push(difference.change),
      });
      expect(removed.bytes).toBe(change === 'removed' ? 7 : 0);
      expect(changes).toEqual(change === undefined ? [] : [change]);
    }
  });

  it('stops when told to', async () => {
    await expect(compare([{ path: 'a' }], [], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('mergeEntries', () => {
  it('gives every fileID once, in order, with what both lists have of it', () => {
    const paths = fc.uniqueArray(fc.nat(60).map(String), { maxLength: 30 });
    fc.assert(
      fc.property(paths, paths, (before, after) => {
        const pairs = [...mergeEntries(listOf(before), listOf(after))];
        const ids = pairs.map((pair) => (pair.before ?? pair.after)?.fileID as string);
        expect(ids).toEqual([...ids].sort());
        expect(new Set(ids).size).toBe(new Set([...before, ...after]).size);
        expect(pairs.filter((pair) => pair.before)).toHaveLength(before.length);
        expect(pairs.filter((pair) => pair.after)).toHaveLength(after.length);
        for (const pair of pairs) if (pair.before && pair.after) expect(pair.before).toEqual(pair.after);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

function listOf(paths: readonly string[]): Manifest {
  const fileIDs = paths.map((path) => fileIDOf('HomeDomain', path)).sort();
  return { entries: () => fileIDs.map((fileID) => ({ fileID })) } as Pick<Manifest, 'entries'> as Manifest;
}

async function compare(before: readonly Row[], after: readonly Row[], options?: CompareOptions) {
  const [one, other] = [await manifestOf(before), await manifestOf(after)];
  try {
    return await compareBackups(one, other, options);
  } finally {
    await one.close();
    await other.close();
  }
}

async function manifestOf(rows: readonly Row[]): Promise<Manifest> {
  const tree = await exampleBackup({
    files: [],
    changeManifest: (database) => {
      for (const { domain = 'HomeDomain', path, flags = 1, fields } of rows) {
        insert(database, domain, path, flags, { Mode: 0o100644, Size: 7, ...fields });
      }
    },
  });
  return openManifest(tree);
}
