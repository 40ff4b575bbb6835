import { KnownError, Secret } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveRecord } from '../example-backup.ts';
import { type ExampleRecord, mbdbBackup, mbdbBytes } from './example-mbdb.ts';
import { parseFileRecord } from './file-record.ts';
import { decodeIos100Record } from './ios-10-0-record.ts';
import { openManifest } from './manifest.ts';
import { parseMbdbRecord, splitMbdb } from './mbdb.ts';
import { MBDB } from './mbdb-copy.ts';

/* Whatever the bytes are, there is a value or a `KnownError`, soon and in little memory. */

const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });

const records: readonly ExampleRecord[] = [
  { path: '', mode: 0o040755 },
  { path: 'a', digest: new Uint8Array(20), encryptionKey: new Uint8Array(44) },
  { path: 'b', mode: 0o120755, target: '/x', attributes: { one: Uint8Array.of(1), two: Uint8Array.of(2) } },
];

describe('a Manifest.mbdb of any bytes', () => {
  it('gives records or an error', async () => {
    const random = fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.nat(300), async (bytes, step) => {
      await expectRecordsOrError(Buffer.concat([mbdbBytes([]), bytes]), step + 1);
    });
    await fc.assert(random, { seed: 1, numRuns: 2000 });
  });

  it('gives records or an error where it is damaged', async () => {
    const damage = fc.asyncProperty(changes, fc.nat(300), async (places, step) => {
      await expectRecordsOrError(changed(mbdbBytes(records), places), step + 1);
    });
    await fc.assert(damage, { seed: 1, numRuns: 3000 });
  });

  it('opens, or does not, with a KnownError', async () => {
    const damage = fc.asyncProperty(changes, async (places) => {
      const tree = await mbdbBackup([]);
      await tree.write(MBDB, [changed(mbdbBytes(records), places)]);
      try {
        const manifest = await openManifest(tree);
        expect([...manifest.entries()].length).toBeLessThanOrEqual(records.length);
        await manifest.close();
      } catch (error) {
        expect(error).toBeInstanceOf(KnownError);
      }
    });
    await fc.assert(damage, { seed: 1, numRuns: 200 });
  });

  it('never holds more than a record and a piece', async () => {
    const pieces = 2000;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield mbdbBytes([]);
      // Fields of 65,279 bytes, so that no record ever ends within the limit.
      for (let index = 0; index < pieces; index++) yield Buffer.alloc(64 * 1024, 0xfe);
    }
    const before = process.memoryUsage().arrayBuffers;
    await expect(Array.fromAsync(splitMbdb(endless()))).rejects.toMatchObject({
      details: { reason: 'record too large' },
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 * 1024);
  });
});

describe('a record of any bytes', () => {
  const whole = archiveRecord({
    RelativePath: 'Library/x',
    Mode: 0o100644,
    Size: 7,
    Digest: new Uint8Array(20),
    ExtendedAttributes: new Uint8Array(50),
  });

  it('gives a record or an error', () => {
    fc.assert(
      fc.property(changes, fc.nat(), (places, length) => {
        expectValueOrError(() => parseFileRecord(changed(whole, places)));
        expectValueOrError(() => parseFileRecord(whole.subarray(0, length % whole.length)));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it.each([
    ['twice at each of 60 levels', doublings(60)],
    ['twice, fourteen times inside of that', doublings(14)],
    ['the same, as attributes of a record', archiveRecord({ ExtendedAttributes: doublings(60) })],
  ])('is refused in a moment if it is small and unfolds to a giant: %s', (_, bytes) => {
    const startedAt = performance.now();
    for (let run = 0; run < 100; run++) expectValueOrError(() => parseFileRecord(bytes));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('of iOS 10.0 gives bytes or an error', () => {
    const texts = fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(texts, fc.uint8Array({ maxLength: 30 }), (text, salt) => {
        expectValueOrError(() => decodeIos100Record(text, new Secret(new Uint8Array(3)), salt));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

async function expectRecordsOrError(bytes: Uint8Array, step: number): Promise<void> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  try {
    for await (const record of splitMbdb(pieces())) {
      // What was cut out as a record is one.
      expect(parseMbdbRecord(record).record.relativePath).toBeTypeOf('string');
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'backup.manifest-damaged' });
  }
}

function expectValueOrError(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(KnownError);
  }
}

function changed(bytes: Uint8Array, places: readonly (readonly [number, number])[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [place, byte] of places) copy[place % copy.length] = byte;
  return copy;
}

/** A property list in which each array holds the next one twice. */
function doublings(levels: number): Uint8Array {
  const objects = Array.from({ length: levels }, (_, index) => Buffer.of(0xa2, index + 1, index + 1));
  const bytes = Buffer.concat([Buffer.from('bplist00'), ...objects, Buffer.of(0x09)]);
  const offsets = Buffer.from(Array.from({ length: levels + 1 }, (_, index) => 8 + index * 3));
  const trailer = Buffer.alloc(32);
  trailer.set([1, 1], 6);
  trailer.writeBigUInt64BE(BigInt(levels + 1), 8);
  trailer.writeBigUInt64BE(BigInt(bytes.length), 24);
  return new Uint8Array(Buffer.concat([bytes, offsets, trailer]));
}
