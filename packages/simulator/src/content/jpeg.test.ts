import { seededRandom } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { encodeJpeg } from './jpeg.ts';
import { HUFFMAN, ZIGZAG } from './jpeg-tables.ts';
import { paintLandscape } from './picture.ts';

describe('JPEG pictures', () => {
  it('use complete tables', () => {
    expect(ZIGZAG.slice(0, 8)).toEqual([0, 1, 8, 16, 9, 2, 3, 10]);
    expect(new Set(ZIGZAG).size).toBe(64);
    for (const { ac } of [HUFFMAN.luma, HUFFMAN.chroma]) {
      expect(ac.values).toHaveLength(162);
      expect(ac.counts.reduce((sum, count) => sum + count)).toBe(162);
      expect(ac.codes.size).toBe(162);
    }
  });

  it('begin, frame and end as the standard says, also at odd sizes', () => {
    const bytes = Buffer.from(encodeJpeg(paintLandscape(seededRandom(1), 33, 17)));
    expect(bytes.subarray(0, 4).toString('hex')).toBe('ffd8ffe0');
    expect(bytes.subarray(-2).toString('hex')).toBe('ffd9');
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    expect([bytes.readUInt16BE(frame + 5), bytes.readUInt16BE(frame + 7)]).toEqual([17, 33]);
  });

  it('are the same for the same seed, and others for another', () => {
    const picture = (seed: number) => encodeJpeg(paintLandscape(seededRandom(seed), 64, 48));
    expect(picture(1)).toEqual(picture(1));
    expect(picture(1)).not.toEqual(picture(2));
  });
});
