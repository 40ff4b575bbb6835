import { seededRandom } from '@rootcellar/core';
import type { FileContent } from '../../file-system/phone-file-system.ts';
import { encodeExif, type ShotFacts } from './exif.ts';
import { noiseStripe } from './noise.ts';
import { type Shape, sceneData } from './scenes.ts';
import { bytesStretch, joined, madeContent, repeated, type Stretch } from './stretch.ts';

/** What one photo is made from. */
export interface PhotoRecipe {
  readonly kind: 'photo';
  readonly seed: string;
  readonly shape: Shape;
  readonly sizeBytes: number;
  /** Unix seconds. Absent for pictures that no camera took, which have no Exif. */
  readonly takenAt?: number;
}

/**
 * A JPEG that every decoder opens: one of the painted landscapes with Exif of its own, and segments
 * full of noise that stand for the detail a real sensor would have seen.
 */
export function photoContent(recipe: PhotoRecipe): FileContent {
  const { seed, shape, sizeBytes, takenAt } = recipe;
  return madeContent({ ...recipe }, sizeBytes, () => {
    const facts = takenAt === undefined ? undefined : shotFacts(seed, shape, takenAt);
    return [pictureStretch({ seed, shape, sizeBytes, facts })];
  });
}

/** What the camera wrote down, the same for a seed: for Exif and for Photos.sqlite. */
export function shotFacts(seed: string, shape: Shape, takenAt: number): ShotFacts {
  const random = seededRandom(`shot/${seed}`);
  return {
    shape,
    takenAt,
    orientation: random.pick([1, 1, 1, 1, 6, 6, 8, 3]),
    iso: random.pick([32, 50, 64, 100, 250, 800]),
    exposureDivider: random.pick([30, 60, 120, 250, 1000]),
    place:
      random.below(4) === 0
        ? undefined
        : { latitude: 45 + 9 * random.fraction(), longitude: 6 + 9 * random.fraction() },
  };
}

/** A whole JPEG of exactly `sizeBytes`. @throws RangeError if the picture alone is larger */
export function pictureStretch(options: {
  readonly seed: string;
  readonly shape: Shape;
  readonly sizeBytes: number;
  readonly facts?: ShotFacts | undefined;
}): Stretch {
  const { seed, shape, sizeBytes, facts } = options;
  const data = sceneData(shape, seededRandom(seed).below(1000));
  const head = Buffer.concat([START_MARK, facts === undefined ? JFIF : encodeExif(facts)]);
  const detailBytes = sizeBytes - head.length - data.length;
  if (detailBytes < 0) throw new RangeError(`A picture of this shape needs ${-detailBytes} bytes more`);
  return joined([bytesStretch(head), detailStretch(seed, detailBytes), bytesStretch(data)]);
}

const START_MARK = Uint8Array.of(0xff, 0xd8);
const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 0, 0, 1, 0, 1, 0, 0);

/** Marker and length; the length counts itself. Source: ITU-T T.81, B.1.1.4. */
const SEGMENT_BYTES_MAX = 2 + 0xffff;
const SEGMENT_HEAD_BYTES = 4;

/** APP11: application data that decoders skip. */
const DETAIL_MARKER = 0xeb;

/**
 * Application segments with noise in them. Less than the head of a segment is filled with 0xFF, which
 * may stand before any marker. Source: ITU-T T.81, B.1.1.2.
 */
function detailStretch(seed: string, sizeBytes: number): Stretch {
  return repeated(sizeBytes, SEGMENT_BYTES_MAX, (index, bytes) => {
    const head = segmentHead(bytes);
    return joined([bytesStretch(head), bytesStretch(noiseStripe(seed, index, bytes - head.length))]);
  });
}

function segmentHead(bytes: number): Uint8Array {
  if (bytes < SEGMENT_HEAD_BYTES) return new Uint8Array(bytes).fill(0xff);
  return Uint8Array.of(0xff, DETAIL_MARKER, (bytes - 2) >> 8, (bytes - 2) & 0xff);
}
