import { execFileSync } from 'node:child_process';
import { seededRandom } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { encodeJpeg } from '../../packages/simulator/src/content/jpeg.ts';
import { paintLandscape } from '../../packages/simulator/src/content/picture.ts';
import { isMissing } from './required-program.ts';

describe.skipIf(isMissing('djpeg'))('photos of the simulated phone', () => {
  test('are decoded by somebody else to what was painted', () => {
    const picture = paintLandscape(seededRandom(3), 96, 64);
    const decoded = execFileSync('djpeg', ['-ppm'], { input: encodeJpeg(picture) }).subarray(
      -picture.rgb.length,
    );
    const error = decoded.reduce((sum, value, at) => sum + Math.abs(value - (picture.rgb[at] ?? 0)), 0);
    expect(error / decoded.length).toBeLessThan(4);
  });
});
