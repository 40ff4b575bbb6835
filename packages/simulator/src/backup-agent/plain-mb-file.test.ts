import { parseBinaryPlist } from '@rootcellar/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from './manifest-row.ts';
import { encodeAnyMBFile, encodeMBFile, parseMBFile } from './mb-file.ts';
import { encodePlainMBFile, parsePlainMBFile } from './plain-mb-file.ts';

const number = fc.oneof(fc.nat(), fc.integer({ min: -2, max: 300 }), fc.nat(2 ** 45));
const row: fc.Arbitrary<ManifestRow> = fc.record({
  fileID: fc.constant('0'.repeat(40)),
  domain: fc.constant('HomeDomain'),
  relativePath: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 400 }),
  ),
  mode: number,
  inode: number,
  userID: number,
  groupID: number,
  modifiedAt: number,
  changedAt: number,
  bornAt: number,
  sizeBytes: number,
  protectionClass: number,
  flags: number,
  extendedAttributes: fc.constant(new Map()),
  digest: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }), { nil: undefined }),
});

describe('the short way to write an MBFile', () => {
  it('gives the archive that the long way gives', () => {
    fc.assert(
      fc.property(row, (one) => {
        expect(parseBinaryPlist(encodePlainMBFile(one))).toEqual(parseBinaryPlist(encodeAnyMBFile(one)));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('is read back by the short and by the long way alike', () => {
    fc.assert(
      fc.property(row, (one) => {
        const archive = encodeMBFile(one);
        expect(parsePlainMBFile(archive, one.relativePath)).toBeDefined();
        expect(parseMBFile(archive, one.relativePath)).toEqual(parseMBFile(archive));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('leaves whatever differs by one byte to the long way', () => {
    const [one] = fc.sample(row, { seed: 2, numRuns: 1 });
    if (one === undefined) throw new Error('No row');
    const archive = encodeMBFile(one);
    for (let at = 0; at < archive.length; at += 1) {
      const changed = Uint8Array.from(archive);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      const read = parsePlainMBFile(changed, one.relativePath);
      if (read !== undefined) expect(encodePlainMBFile({ ...one, ...read })).toEqual(Buffer.from(changed));
    }
  });

  it('is not taken for links and for files with attributes', () => {
    const [one] = fc.sample(row, { seed: 3, numRuns: 1 });
    if (one === undefined) throw new Error('No row');
    const link = { ...one, target: '/var/db/there' };
    expect(parseMBFile(encodeMBFile(link), one.relativePath)?.target).toBe('/var/db/there');
    const marked = { ...one, extendedAttributes: new Map([['com.example', Uint8Array.of(1)]]) };
    expect(parseMBFile(encodeMBFile(marked), one.relativePath)?.extendedAttributes.size).toBe(1);
  });
});
