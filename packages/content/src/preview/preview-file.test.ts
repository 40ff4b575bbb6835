import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encodeBinaryPlist } from '@rootcellar/codecs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { previewFile, type ReadContent } from './preview-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-preview-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (bytes: Uint8Array): ReadContent =>
  async function* (range) {
    yield bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length);
  };
const preview = (content: Uint8Array | string) => previewFile(read(Buffer.from(content)));

let made = 0;
async function database(sql: string): Promise<Uint8Array> {
  made += 1;
  const path = join(folder, `${made}.sqlite`);
  const file = new DatabaseSync(path);
  file.exec(sql);
  file.close();
  return readFile(path);
}

describe('a preview', () => {
  test('knows pictures that browsers show by their first bytes, whatever they are called', async () => {
    expect(await preview(Buffer.from('89504e470d0a1a0a00', 'hex'))).toEqual({
      kind: 'picture',
      contentType: 'image/png',
    });
    expect(await preview(Buffer.from('ffd8ffe000104a464946', 'hex'))).toMatchObject({
      contentType: 'image/jpeg',
    });
    expect(await preview('GIF89a')).toMatchObject({ contentType: 'image/gif' });
    expect(await preview('RIFF....WEBPVP8 ')).toMatchObject({ contentType: 'image/webp' });
    expect(await preview('<svg onload="alert(1)"/>')).toMatchObject({ kind: 'text' });
  });

  test('shows text up to a limit, and does not break a character', async () => {
    expect(await preview('äpfel\n')).toEqual({ kind: 'text', text: 'äpfel\n', isCutShort: false });
    const long = await preview('ä'.repeat(200_000));
    expect(long).toMatchObject({ kind: 'text', isCutShort: true });
    if (long.kind === 'text') expect(long.text).toBe('ä'.repeat(128 * 1024));
    expect(await preview(Uint8Array.of(1, 2, 3, 200))).toEqual({ kind: 'none', reason: 'unknown-kind' });
    expect(await preview('')).toEqual({ kind: 'none', reason: 'empty' });
  });

  test('shows a property list as XML, whichever form it has, and knows a damaged one', async () => {
    const bytes = encodeBinaryPlist({ apples: 7, name: '<b>' });
    expect(await preview(bytes)).toMatchObject({
      kind: 'property-list',
      text: expect.stringContaining('&lt;b'),
    });
    expect(await preview(bytes.subarray(0, bytes.length - 3))).toEqual({ kind: 'none', reason: 'damaged' });
  });
});

describe('a preview of a database', () => {
  test('shows tables with their first rows', async () => {
    const bytes = await database(
      "CREATE TABLE apples (id INTEGER PRIMARY KEY, name TEXT, picture BLOB); INSERT INTO apples VALUES (9007199254740993, 'Boskoop', x'0001'), (2, NULL, NULL)",
    );
    expect(await preview(bytes)).toEqual({
      kind: 'database',
      tables: [
        {
          name: 'apples',
          columns: ['id', 'name', 'picture'],
          rows: [
            ['2', null, null],
            ['9007199254740993', 'Boskoop', '2 bytes'],
          ],
        },
      ],
    });
  });

  test('runs no view, no computed column and no virtual table', async () => {
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
    const bytes = await database(
      `CREATE TABLE t (a, b AS (a || 'computed')); INSERT INTO t VALUES (1);
       CREATE VIEW v AS ${endless}; CREATE VIRTUAL TABLE f USING fts5(x);`,
    );
    const startedAt = Date.now();
    const shown = await preview(bytes);
    expect(Date.now() - startedAt).toBeLessThan(4000);
    if (shown.kind !== 'database') throw new Error(shown.kind);
    expect(shown.tables.find(({ name }) => name === 't')).toEqual({
      name: 't',
      columns: ['a'],
      rows: [['1']],
    });
    expect(shown.tables.some(({ name }) => name === 'v' || name === 'f')).toBe(false);
  });

  test('whose pages lead round in a circle is given up, not waited for', async () => {
    const rows = Array.from({ length: 4000 }, (_, index) => `(${index}, '${'x'.repeat(200)}')`);
    const bytes = Buffer.from(await database(`CREATE TABLE t (a, b); INSERT INTO t VALUES ${rows}`));
    for (let page = 1; page < bytes.length / 4096; page += 1) {
      // Interior pages of tables begin with 5: all their children become page 2, which is one of them.
      if (bytes[page * 4096] !== 5) continue;
      const cells = bytes.readUInt16BE(page * 4096 + 3);
      for (let cell = 0; cell < cells; cell += 1) {
        bytes.writeUInt32BE(2, page * 4096 + bytes.readUInt16BE(page * 4096 + 12 + 2 * cell));
      }
      bytes.writeUInt32BE(2, page * 4096 + 8);
    }
    const startedAt = Date.now();
    expect(['database', 'none']).toContain((await preview(bytes)).kind);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  test('that is damaged anywhere is shown in part or called damaged', async () => {
    const whole = await database(`CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y')`);
    const property = fc.asyncProperty(
      fc.nat(whole.length - 101),
      fc.integer({ min: 0, max: 255 }),
      async (at, byte) => {
        const damaged = Buffer.from(whole);
        damaged[at + 100] = byte;
        expect(['database', 'none']).toContain((await preview(damaged)).kind);
      },
    );
    await fc.assert(property, { numRuns: 15, seed: 1 });
  });
});
