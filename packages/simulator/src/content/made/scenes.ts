import { seededRandom } from '@rootcellar/core';
import { encodeJpeg } from '../jpeg.ts';
import { paintLandscape } from '../picture.ts';

/** Pictures are painted in these sizes, a few of each: painting takes a quarter of a second. */
export const SHAPES = {
  wide: { width: 1024, height: 768, scenes: 8 },
  square: { width: 896, height: 896, scenes: 4 },
  panorama: { width: 1920, height: 512, scenes: 2 },
  film: { width: 960, height: 540, scenes: 4 },
  thumbnail: { width: 160, height: 120, scenes: 16 },
} as const;

export type Shape = keyof typeof SHAPES;

/** No painted picture of a large shape has more bytes when encoded. */
export const SCENE_BYTES_MAX = 64 * 1024;

/** What is at the start of an encoded picture before its tables: the start mark and the JFIF header. */
const HEADER_BYTES = 20;

const painted = new Map<string, Uint8Array>();

/** The tables and image data of an invented landscape, up to the end mark. Kept: there are only a few. */
export function sceneData(shape: Shape, index: number): Uint8Array {
  const { width, height, scenes } = SHAPES[shape];
  const name = `${shape}/${index % scenes}`;
  const known = painted.get(name);
  if (known !== undefined) return known;
  const data = encodeJpeg(paintLandscape(seededRandom(`scene/${name}`), width, height)).subarray(
    HEADER_BYTES,
  );
  painted.set(name, data);
  return data;
}
