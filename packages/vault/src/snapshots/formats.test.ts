import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vaultError } from '../errors.ts';
import { goJson, goQuote, goUnquote } from './go-quote.ts';
import { decodeSnapshot } from './snapshot.ts';
import { parseTime, timeText } from './time-text.ts';
import { byName, decodeTree, encodeTree, type TreeNode } from './tree-format.ts';

/** Expected texts as `restic cat blob` of restic 0.14 (Go 1.19) shows them for files of these names. */
const QUOTED = [
  ['plain name.txt', 'plain name.txt'],
  ['<a>&"é\\x\n\u007f', '<a>&\\"é\\\\x\\n\\x7f'],
  ['\u00a0', '\\u00a0'],
  ['👩‍👧', '👩\\u200d👧'],
  ['\u{e0001}', '\\U000e0001'],
  ['\u0007\b\f\r\t\v\u0001', '\\a\\b\\f\\r\\t\\v\\x01'],
] as const;

describe('names as Go quotes them', () => {
  test.each(QUOTED)('%j', (name, quoted) => {
    expect(goQuote(name)).toBe(quoted);
    expect(goUnquote(quoted)).toBe(name);
  });

  test('come back, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(goUnquote(goQuote(name))).toBe(name.toWellFormed());
      }),
      { seed: 1 },
    );
  });

  test('of bytes that are no UTF-8 can be read', () => {
    expect(goUnquote('a\\xff\\303\\251')).toBe('a\ufffdé');
  });

  test.each(['\\', 'a\\q', '\\x1', '\\u12', '\\U00110000', "\\'"])('%s is none', (text) => {
    expect(goUnquote(text)).toBeUndefined();
  });

  test('are safe in HTML', () => {
    expect(goJson(['<b>&\u2028"'])).toBe('["\\u003cb\\u003e\\u0026\\u2028\\""]');
  });
});

describe('times', () => {
  test('have no zeros at their end', () => {
    expect(timeText(new Date('2026-11-25T10:00:00.120Z'))).toBe('2026-11-25T10:00:00.12Z');
    expect(timeText(new Date('2026-11-25T10:00:10.000Z'))).toBe('2026-11-25T10:00:10Z');
  });

  test('that Go cannot read become the nearest that it can', () => {
    expect(timeText(new Date(8.64e15))).toBe('9999-12-31T23:59:59.999Z');
    expect(timeText(new Date(-8.64e15))).toBe('0001-01-01T00:00:00Z');
    expect(timeText(new Date(Number.NaN))).toBe('1970-01-01T00:00:00Z');
  });

  test('are read with nanoseconds and zones', () => {
    expect(parseTime('2014-12-22T14:47:59.912418701+01:00')?.toISOString()).toBe('2014-12-22T13:47:59.912Z');
    expect(parseTime('yesterday')).toBeUndefined();
    expect(parseTime(7)).toBeUndefined();
  });
});

describe('a tree', () => {
  const id = 'ab'.repeat(32);
  const modifiedAt = new Date('2026-11-25T10:00:00.120Z');
  const nodes: readonly TreeNode[] = [
    { kind: 'folder', name: '<a>', modifiedAt, subtree: id },
    { kind: 'file', name: 'b\n', modifiedAt, sizeBytes: 7, content: [id, id] },
    { kind: 'file', name: 'empty', modifiedAt, sizeBytes: 0, content: [] },
  ];

  test('is written as restic writes it', () => {
    const time =
      '"mtime":"2026-11-25T10:00:00.12Z","atime":"2026-11-25T10:00:00.12Z","ctime":"2026-11-25T10:00:00.12Z"';
    expect(Buffer.from(encodeTree(nodes)).toString()).toBe(
      `{"nodes":[{"name":"\\u003ca\\u003e","type":"dir","mode":2147484096,${time},"uid":0,"gid":0,"content":null,"subtree":"${id}"},` +
        `{"name":"b\\\\n","type":"file","mode":384,${time},"uid":0,"gid":0,"size":7,"links":1,"content":["${id}","${id}"]},` +
        `{"name":"empty","type":"file","mode":384,${time},"uid":0,"gid":0,"links":1,"content":[]}]}\n`,
    );
  });

  test('comes back as it was', () => {
    expect(decodeTree(encodeTree(nodes))).toEqual(nodes);
    expect(decodeTree(Buffer.from('{"nodes":null}'))).toEqual([]);
  });

  test('leaves out what is neither file nor folder', () => {
    const link = { name: 'link', type: 'symlink', mtime: '2026-11-25T10:00:00Z', linktarget: 'x' };
    expect(decodeTree(Buffer.from(JSON.stringify({ nodes: [link] })))).toEqual([]);
  });

  test.each([
    '',
    'null',
    '[]',
    '{"nodes":7}',
    '{"nodes":[7]}',
    '{"nodes":[{}]}',
    '{"nodes":[{"name":"a","type":"dir"}]}',
    '{"nodes":[{"name":"a","type":"dir","subtree":"../x"}]}',
    '{"nodes":[{"name":"a","type":"file","content":[1]}]}',
    '{"nodes":[{"name":"a","type":"file","content":["short"]}]}',
    '{"nodes":[{"name":"a","type":"file","content":[],"size":-1}]}',
    '{"nodes":[{"name":"a\\\\q","type":"file","content":[]}]}',
  ])('%s is none', (text) => {
    expect(() => decodeTree(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'vault.tree-damaged' }),
    );
  });

  test('sorts names by their bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [one, two] = [a.toWellFormed(), b.toWellFormed()];
        const expected = Buffer.compare(Buffer.from(one), Buffer.from(two));
        expect(Math.sign(byName({ name: one }, { name: two }))).toBe(expected);
      }),
      { seed: 1 },
    );
    expect(byName({ name: '\uffee' }, { name: '🐴' })).toBeLessThan(0);
  });
});

test('any document as a snapshot gives one or an error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (document) => {
      try {
        decodeSnapshot('a'.repeat(64), document);
      } catch (error) {
        if (!vaultError.matches(error)) throw error;
      }
    }),
    { seed: 1 },
  );
});
