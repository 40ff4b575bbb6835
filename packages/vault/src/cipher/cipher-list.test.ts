import { KnownError, Secret } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCipherList, encodeCipherList } from './cipher-list.ts';
import type { CipherRecord } from './cipher-record.ts';
import { inPieces, random } from './example-cipher.ts';

const NO_BYTES = Buffer.alloc(0);
const GIBIBYTE = 1024 ** 3;

function record(file: string, more: Partial<CipherRecord> = {}): CipherRecord {
  const key = new Secret<Uint8Array>(Buffer.from(random.bytes(32)));
  return { file, key, contentBytes: 16, isPadded: true, rest: NO_BYTES, marks: NO_BYTES, ...more };
}

const SEVERAL = [
  record('00ff'),
  record('10', { contentBytes: 0, isPadded: false }),
  record('11', { contentBytes: 32, isPadded: false, rest: Buffer.from('abc') }),
  record('12', { contentBytes: 32 * GIBIBYTE - 1, marks: Buffer.from(random.bytes(4095 * 16)) }),
  record('Manifest.db', { contentBytes: 33 * GIBIBYTE, marks: Buffer.from(random.bytes(2112 * 16)) }),
];

async function encoded(records: Iterable<CipherRecord>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(encodeCipherList(records)));
}

/** The keys are no longer secret, so that they can be compared. */
async function decoded(bytes: Uint8Array, pieceBytes?: () => number): Promise<readonly unknown[]> {
  return await Array.fromAsync(decodeCipherList(inPieces(bytes, pieceBytes)), opened);
}

const opened = (each: CipherRecord) => ({ ...each, key: each.key.reveal() });

async function codeFor(text: string | Uint8Array): Promise<string | undefined> {
  try {
    await decoded(Buffer.from(text));
    return undefined;
  } catch (error) {
    if (error instanceof KnownError) return error.code;
    throw error;
  }
}

const FIRST = '{"cipherList":1}\n';
const KEY_TEXT = Buffer.alloc(32, 7).toString('base64');
const line = (fields: object): string =>
  `${JSON.stringify({ file: 'a', key: KEY_TEXT, bytes: 16, ...fields })}\n`;

describe('the list of what it takes to encrypt again', () => {
  test('gives back what was written, whatever the pieces are', async () => {
    const bytes = await encoded(SEVERAL);
    for (const pieceBytes of [() => 7, () => 1 + random.below(9999), () => bytes.length])
      expect(await decoded(bytes, pieceBytes)).toEqual(SEVERAL.map(opened));
  });

  test('of a usual file is one short line', async () => {
    const key = new Secret(new Uint8Array(32).fill(7));
    expect((await encoded([record('a', { key })])).toString()).toBe(
      `{"cipherList":1}\n{"file":"a","key":"${KEY_TEXT}","bytes":16}\n`,
    );
  });

  test('of no files is its first line', async () => {
    expect((await encoded([])).toString()).toBe(FIRST);
    expect(await decoded(Buffer.from(FIRST))).toEqual([]);
  });

  test('passes over what a later writer adds without a new version', async () => {
    expect(await decoded(Buffer.from(FIRST + line({ more: [1] })))).toHaveLength(1);
  });

  test('is written in order only, without doubles', async () => {
    for (const names of [['b', 'a'], ['a', 'a'], [''], ['a b'], ['é'], ['x'.repeat(256)]])
      await expect(encoded(names.map((name) => record(name)))).rejects.toThrow('not in order');
  });

  test('refuses a newer version', async () => {
    expect(await codeFor('{"cipherList":2}\nanything')).toBe('vault.cipher-list-newer');
  });

  test.each([
    ['nothing', ''],
    ['no version', '{}\n'],
    ['a version that is none', '{"cipherList":0}\n'],
    ['no last line feed', FIRST.trimEnd()],
    ['an empty line', `${FIRST}\n`],
    ['a line that is no object', `${FIRST}[]\n`],
    ['a line cut short', FIRST + line({}).slice(0, -5)],
    ['a name twice', FIRST + line({}) + line({})],
    ['names out of order', FIRST + line({ file: 'b' }) + line({})],
    ['a name that is none', FIRST + line({ file: '' })],
    ['a key too short', FIRST + line({ key: KEY_TEXT.slice(4) })],
    ['a key too long', FIRST + line({ key: KEY_TEXT.replace('=', 'A') })],
    ['a key written otherwise', FIRST + line({ key: KEY_TEXT.replace('c=', 'd=') })],
    ['no key', FIRST + line({ key: undefined })],
    ['a size below zero', FIRST + line({ bytes: -16 })],
    ['a size that is no whole number', FIRST + line({ bytes: 16.5 })],
    ['a size above what is exact', FIRST + line({ bytes: 2 ** 53 })],
    ['half a block without padding', FIRST + line({ bytes: 8, padded: false })],
    ['padding that is no yes or no', FIRST + line({ padded: 1 })],
    ['a rest that is a block', FIRST + line({ rest: `${'A'.repeat(21)}A==` })],
    ['marks that are missing', FIRST + line({ bytes: 16 * 1024 ** 2 })],
    ['marks too many', FIRST + line({ marks: 'AAAA' })],
    ['bytes that are no text', Buffer.from([...Buffer.from(FIRST), 0xff, 0x0a])],
    ['a line without an end', `${FIRST}${' '.repeat(1024 * 1024)}`],
  ])('refuses %s', async (_, text) => {
    expect(await codeFor(text)).toBe('vault.cipher-list-damaged');
  });

  test('reads a long line without an end no further than it must', async () => {
    let given = 0;
    const endless = (async function* () {
      for (;;) {
        given += 65_536;
        yield Buffer.alloc(65_536, ' ');
      }
    })();
    await expect(Array.fromAsync(decodeCipherList(endless))).rejects.toThrow('damaged (line 1)');
    expect(given).toBeLessThan(300_000);
  });

  test('gives records or an error of ours for any bytes', async () => {
    const bytes = await encoded(SEVERAL.slice(0, 3));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20 }), fc.nat(bytes.length), async (some, at) => {
        const damaged = Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at + some.length)]);
        await codeFor(damaged);
        await codeFor(some);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
