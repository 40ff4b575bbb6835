import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PIECE_BYTES_MAX, readWhole } from '../../file-system/file-content.ts';
import type { FileContent, Recipe } from '../../file-system/phone-file-system.ts';
import { exifField, readJpeg } from '../../testing/read-jpeg.ts';
import { FILM_BYTES_MIN, filmContent, filmSeconds } from './film.ts';
import { photoContent } from './photo.ts';
import { contentFromRecipe, noiseContent, wordsContent } from './recipes.ts';
import { SHAPES, type Shape } from './scenes.ts';

const TAKEN_AT = Date.UTC(2026, 4, 1, 9, 30) / 1000;

const CONTENTS: Readonly<Record<string, FileContent>> = {
  noise: noiseContent('a', 3_000_001),
  words: wordsContent('a', 2_500_000),
  photo: photoContent({ kind: 'photo', seed: 'a', shape: 'wide', sizeBytes: 1_234_567, takenAt: TAKEN_AT }),
  thumbnail: photoContent({ kind: 'photo', seed: 'a', shape: 'thumbnail', sizeBytes: 7000 }),
  film: filmContent({ kind: 'film', seed: 'a', sizeBytes: 1_500_000, takenAt: TAKEN_AT }),
};

async function from(content: FileContent, start: number): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(content.read(start)));
}

describe.each(Object.entries(CONTENTS))('%s made while it is read', (_, content) => {
  it('has the size that was announced, in pieces of at most 1 MiB', async () => {
    let bytes = 0;
    for await (const piece of content.read()) {
      expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES_MAX);
      bytes += piece.length;
    }
    expect(bytes).toBe(content.sizeBytes);
  });

  it('is the same from wherever it is read', async () => {
    const whole = Buffer.from(await readWhole(content));
    await fc.assert(
      fc.asyncProperty(fc.nat(content.sizeBytes), async (start) => {
        expect((await from(content, start)).equals(whole.subarray(start))).toBe(true);
      }),
      { seed: 1, numRuns: 20, examples: [[0], [content.sizeBytes - 1], [content.sizeBytes]] },
    );
  });

  it('is made again from its recipe', async () => {
    const recipe: Recipe = JSON.parse(JSON.stringify(content.recipe));
    expect((await from(contentFromRecipe(recipe), 0)).equals(await readWhole(content))).toBe(true);
  });
});

describe('photos', () => {
  it.each(Object.keys(SHAPES) as Shape[])('of shape %s are JPEGs at every size', async (shape) => {
    const { width, height } = SHAPES[shape];
    for (let more = 0; more < 8; more += 1) {
      for (const base of [66_000, 66_000 + 65_537]) {
        const sizeBytes = base + more;
        const photo = photoContent({ kind: 'photo', seed: `${more}`, shape, sizeBytes, takenAt: TAKEN_AT });
        expect(readJpeg(await readWhole(photo))).toMatchObject({ width, height });
      }
    }
  });

  it('may lack one, two or three bytes for another segment', async () => {
    const sizes = Array.from({ length: 10 }, (_, more) => 66_000 + 65_530 + more);
    for (const sizeBytes of sizes) {
      const photo = photoContent({ kind: 'photo', seed: 'edge', shape: 'thumbnail', sizeBytes });
      expect(readJpeg(await readWhole(photo)).width).toBe(160);
    }
    const exact = (
      await readWhole(photoContent({ kind: 'photo', seed: 'edge', shape: 'thumbnail', sizeBytes: 9000 }))
    ).length;
    expect(exact).toBe(9000);
  });

  it('say in Exif when, with what and in which size they were taken', async () => {
    const recipe = { kind: 'photo', shape: 'wide', sizeBytes: 90_000, takenAt: TAKEN_AT } as const;
    let placed = 0;
    for (const seed of ['1', '2', '3', '4', '5', '6']) {
      const { exif } = readJpeg(await readWhole(photoContent({ ...recipe, seed })));
      if (exif === undefined) throw new Error('No Exif');
      expect(exifField(exif, 0x9003)).toBe('2026:05:01 09:30:00');
      expect(exifField(exif, 0x0110)).toBe('Pocket Camera 15');
      expect([exifField(exif, 0xa002), exifField(exif, 0xa003)]).toEqual([1024, 768]);
      expect([1, 3, 6, 8]).toContain(exifField(exif, 0x0112));
      if (exifField(exif, 2) !== undefined) placed += 1;
    }
    expect(placed).toBeGreaterThan(0);
  });

  it('are not made too small for their picture', async () => {
    const small = photoContent({ kind: 'photo', seed: 'a', shape: 'wide', sizeBytes: 1000 });
    await expect(readWhole(small)).rejects.toThrow(RangeError);
  });
});

describe('films', () => {
  it.each([FILM_BYTES_MIN, 2_000_000, 2_000_003])(
    'of %i bytes are boxes with one JPEG a second',
    async (sizeBytes) => {
      const recipe = { kind: 'film', seed: 'f', sizeBytes, takenAt: TAKEN_AT } as const;
      const bytes = Buffer.from(await readWhole(filmContent(recipe)));
      const boxes = topBoxes(bytes);
      expect(boxes.map(({ name }) => name).slice(0, 3)).toEqual(['ftyp', 'moov', 'mdat']);
      const movie = boxes[1];
      if (movie === undefined) throw new Error('No movie');
      const table = bytes.indexOf('co64', movie.at);
      const first = Number(bytes.readBigUInt64BE(table + 12));
      const sizes = bytes.indexOf('stsz', movie.at);
      const frameBytes = bytes.readUInt32BE(sizes + 8);
      expect(bytes.readUInt32BE(sizes + 12)).toBe(filmSeconds(recipe));
      for (let frame = 0; frame < filmSeconds(recipe); frame += 1) {
        const at = first + frame * frameBytes;
        expect(readJpeg(bytes.subarray(at, at + frameBytes))).toMatchObject({ width: 960, height: 540 });
      }
    },
  );
});

function topBoxes(bytes: Buffer): readonly { readonly name: string; readonly at: number }[] {
  const boxes: { name: string; at: number }[] = [];
  let at = 0;
  while (at < bytes.length) {
    boxes.push({ name: bytes.toString('latin1', at + 4, at + 8), at });
    const size = bytes.readUInt32BE(at);
    at += size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size;
    if (size !== 1 && size < 8) throw new Error('A box smaller than its head');
  }
  expect(at).toBe(bytes.length);
  return boxes;
}

it('noise does not compress, words do, and seeds differ', async () => {
  const noise = await readWhole(noiseContent('x', 600_000));
  expect(deflateSync(noise).length).toBeGreaterThan(noise.length * 0.99);
  expect(deflateSync(await readWhole(wordsContent('x', 200_000))).length).toBeLessThan(100_000);
  expect(Buffer.from(noise).equals(await readWhole(noiseContent('y', 600_000)))).toBe(false);
});

it.each([{}, { kind: 'noise', seed: 'a', sizeBytes: -1 }, { kind: 'dream', seed: 'a', sizeBytes: 1 }])(
  'no content is made from the recipe %j',
  (recipe) => {
    expect(() => contentFromRecipe(recipe as Recipe)).toThrow(RangeError);
  },
);
