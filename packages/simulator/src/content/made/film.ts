import type { FileContent } from '../../file-system/phone-file-system.ts';
import { pictureStretch } from './photo.ts';
import { SHAPES } from './scenes.ts';
import { bytesStretch, madeContent, repeated } from './stretch.ts';

/** What one film is made from. */
export interface FilmRecipe {
  readonly kind: 'film';
  readonly seed: string;
  readonly sizeBytes: number;
  /** Unix seconds. */
  readonly takenAt: number;
}

/** Every frame is one JPEG of this size, once a second. */
const FRAME_BYTES = 256 * 1024;

/** Smallest film: its head, one frame, and a box for the rest. */
export const FILM_BYTES_MIN = FRAME_BYTES + 4096;

/** A box has at least its size and its name. */
const BOX_BYTES_MIN = 8;

/**
 * A QuickTime movie with one track of Photo JPEG, a frame a second, so that it plays although nothing
 * was filmed. What does not fill a frame is a `free` box at the end.
 */
export function filmContent(recipe: FilmRecipe): FileContent {
  const { sizeBytes, seed } = recipe;
  return madeContent({ ...recipe }, sizeBytes, () => {
    const { frames, head, rest } = measure(recipe);
    const frame = (index: number) =>
      pictureStretch({ seed: `${seed}/${index}`, shape: 'film', sizeBytes: FRAME_BYTES });
    const tail = Buffer.alloc(rest);
    if (rest > 0) tail.set(box('free', Buffer.alloc(0)));
    if (rest > 0) tail.writeUInt32BE(rest);
    return [bytesStretch(head), repeated(frames * FRAME_BYTES, FRAME_BYTES, frame), bytesStretch(tail)];
  });
}

/** Seconds: one per frame. */
export function filmSeconds(recipe: FilmRecipe): number {
  return measure(recipe).frames;
}

function measure(recipe: FilmRecipe): {
  readonly frames: number;
  readonly head: Buffer;
  readonly rest: number;
} {
  const headBytes = filmHead(recipe, 0).length;
  const room = recipe.sizeBytes - headBytes;
  let frames = Math.floor(room / FRAME_BYTES);
  if (room % FRAME_BYTES > 0 && room % FRAME_BYTES < BOX_BYTES_MIN) frames -= 1;
  if (frames < 1) throw new RangeError('A film needs room for one frame');
  return { frames, head: filmHead(recipe, frames), rest: room - frames * FRAME_BYTES };
}

/** Seconds from 1904 to 1970, as QuickTime counts. */
const QUICKTIME_EPOCH = 2_082_844_800;

/** Units per second of the film's time. */
const TIME_SCALE = 600;

/** Everything before the first frame. Source: QuickTime File Format (movie atoms). */
function filmHead({ takenAt }: FilmRecipe, frames: number): Buffer {
  const type = box('ftyp', Buffer.from('qt  \0\0\0\0qt  ', 'latin1'));
  const movie = (dataAt: number): Buffer =>
    box('moov', Buffer.concat([movieHeader(takenAt, frames), track(takenAt, frames, dataAt)]));
  const dataHead = Buffer.alloc(16);
  dataHead.writeUInt32BE(1);
  dataHead.write('mdat', 4, 'latin1');
  dataHead.writeBigUInt64BE(BigInt(dataHead.length) + BigInt(frames) * BigInt(FRAME_BYTES), 8);
  const dataAt = type.length + movie(0).length + dataHead.length;
  return Buffer.concat([type, movie(dataAt), dataHead]);
}

/** Unmoved and unscaled. */
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000] as const;

function movieHeader(takenAt: number, frames: number): Buffer {
  const made = takenAt + QUICKTIME_EPOCH;
  const fields = [0, made, made, TIME_SCALE, frames * TIME_SCALE, 0x10000, 0x01000000, 0, 0, ...MATRIX];
  return box('mvhd', words(...fields, 0, 0, 0, 0, 0, 0, 2));
}

function track(takenAt: number, frames: number, dataAt: number): Buffer {
  const made = takenAt + QUICKTIME_EPOCH;
  const { width, height } = SHAPES.film;
  const length = frames * TIME_SCALE;
  const header = words(0x0f, made, made, 1, 0, length, 0, 0, 0, 0, ...MATRIX, width << 16, height << 16);
  const media = Buffer.concat([
    box('mdhd', words(0, made, made, TIME_SCALE, length, 0)),
    box('hdlr', Buffer.concat([words(0), Buffer.from('mhlrvide', 'latin1'), Buffer.alloc(13)])),
    box(
      'minf',
      Buffer.concat([
        box('vmhd', words(1, 0, 0)),
        box('hdlr', Buffer.concat([words(0), Buffer.from('dhlrurl ', 'latin1'), Buffer.alloc(13)])),
        box('dinf', box('dref', Buffer.concat([words(0, 1), box('url ', words(1))]))),
        box('stbl', sampleTables(frames, dataAt)),
      ]),
    ),
  ]);
  return box('trak', Buffer.concat([box('tkhd', header), box('mdia', media)]));
}

/** All frames have one size, one duration, and stand in one chunk. */
function sampleTables(frames: number, dataAt: number): Buffer {
  const { width, height } = SHAPES.film;
  const description = Buffer.alloc(78);
  description.writeUInt16BE(1, 6);
  description.writeUInt16BE(width, 24);
  description.writeUInt16BE(height, 26);
  description.writeUInt32BE(72 << 16, 28);
  description.writeUInt32BE(72 << 16, 32);
  description.writeUInt16BE(1, 40);
  description.writeUInt16BE(24, 74);
  description.writeInt16BE(-1, 76);
  return Buffer.concat([
    box('stsd', Buffer.concat([words(0, 1), box('jpeg', description)])),
    box('stts', words(0, 1, frames, TIME_SCALE)),
    box('stsc', words(0, 1, 1, frames, 1)),
    box('stsz', words(0, FRAME_BYTES, frames)),
    box('co64', words(0, 1, 0, dataAt)),
  ]);
}

function box(name: string, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(BOX_BYTES_MIN + content.length);
  bytes.writeUInt32BE(bytes.length);
  bytes.write(name, 4, 'latin1');
  bytes.set(content, BOX_BYTES_MIN);
  return bytes;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}
