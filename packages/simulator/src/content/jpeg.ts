import { HUFFMAN, QUANTISATION, ZIGZAG } from './jpeg-tables.ts';

/** A picture without alpha: three bytes per pixel, rows from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * Encodes a baseline JPEG without subsampling: small, but one that every decoder opens.
 *
 * Source: ITU-T T.81, baseline sequential DCT; JFIF 1.02 for the header.
 */
export function encodeJpeg(picture: Picture): Uint8Array {
  const out = new BitWriter();
  writeHeaders(out, picture);
  const planes = toPlanes(picture);
  const previousDc = [0, 0, 0];
  const work: Workspace = {
    samples: new Float64Array(64),
    turned: new Float64Array(64),
    block: new Int32Array(64),
  };
  for (let top = 0; top < picture.height; top += 8) {
    for (let left = 0; left < picture.width; left += 8) {
      planes.forEach((plane, channel) => {
        const table = channel === 0 ? 'luma' : 'chroma';
        readBlock(work.samples, plane, picture, { left, top });
        transform(work, QUANTISATION[table]);
        previousDc[channel] = writeBlock(out, work.block, table, previousDc[channel] ?? 0);
      });
    }
  }
  out.flushBits();
  out.bytes(0xff, 0xd9);
  return out.finish();
}

type Table = 'luma' | 'chroma';

/** Bits from the most significant down, with a zero stuffed after every 0xFF of image data. */
class BitWriter {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;
  #buffer = 0;
  #count = 0;

  bytes(...values: readonly number[]): void {
    for (const value of values) this.#push(value);
  }

  /** @param count 16 at most */
  bits(value: number, count: number): void {
    this.#buffer = (this.#buffer << count) | (value & ((1 << count) - 1));
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = (this.#buffer >> this.#count) & 0xff;
      this.#push(byte);
      if (byte === 0xff) this.#push(0);
    }
    this.#buffer &= 0xff;
  }

  flushBits(): void {
    if (this.#count > 0) this.bits(0xff, 8 - this.#count);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }
}

function writeHeaders(out: BitWriter, { width, height }: Picture): void {
  out.bytes(0xff, 0xd8);
  out.bytes(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 0, 0, 1, 0, 1, 0, 0);
  for (const [id, table] of [QUANTISATION.luma, QUANTISATION.chroma].entries()) {
    out.bytes(0xff, 0xdb, 0, 67, id, ...ZIGZAG.map((place) => table[place] ?? 0));
  }
  out.bytes(0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3);
  out.bytes(1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1);
  const tables = [
    [0x00, HUFFMAN.luma.dc],
    [0x10, HUFFMAN.luma.ac],
    [0x01, HUFFMAN.chroma.dc],
    [0x11, HUFFMAN.chroma.ac],
  ] as const;
  for (const [id, { counts, values }] of tables) {
    out.bytes(0xff, 0xc4, 0, 19 + values.length, id, ...counts, ...values);
  }
  out.bytes(0xff, 0xda, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0);
}

/** Y, Cb and Cr, centred on zero. */
function toPlanes({ width, height, rgb }: Picture): readonly Float32Array[] {
  const planes = [0, 1, 2].map(() => new Float32Array(width * height));
  const [luma, blue, red] = planes;
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const r = rgb[pixel * 3] ?? 0;
    const g = rgb[pixel * 3 + 1] ?? 0;
    const b = rgb[pixel * 3 + 2] ?? 0;
    if (luma) luma[pixel] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
    if (blue) blue[pixel] = -0.1687 * r - 0.3313 * g + 0.5 * b;
    if (red) red[pixel] = 0.5 * r - 0.4187 * g - 0.0813 * b;
  }
  return planes;
}

/** Room for one block on its way through the transform, used again for every block. */
interface Workspace {
  readonly samples: Float64Array;
  readonly turned: Float64Array;
  readonly block: Int32Array;
}

/** Eight by eight samples; the last row and column are repeated past the edge. */
function readBlock(
  samples: Float64Array,
  plane: Float32Array,
  { width, height }: Picture,
  at: { readonly left: number; readonly top: number },
): void {
  for (let y = 0; y < 8; y += 1) {
    const row = Math.min(at.top + y, height - 1) * width;
    for (let x = 0; x < 8; x += 1) samples[y * 8 + x] = plane[row + Math.min(at.left + x, width - 1)] ?? 0;
  }
}

/** The basis of the transform with its scale: eight values for each frequency. */
const COSINES = Float64Array.from({ length: 64 }, (_, place) => {
  const [frequency, x] = [place >> 3, place % 8];
  return (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * frequency * Math.PI) / 16);
});

/** Cosine transform, rows then columns, then quantisation. */
function transform({ samples, turned, block }: Workspace, quantisation: readonly number[]): void {
  transformAndTurn(samples, turned);
  transformAndTurn(turned, samples);
  for (let place = 0; place < 64; place += 1) {
    block[place] = Math.round((samples[place] ?? 0) / (quantisation[place] ?? 1));
  }
}

/**
 * Transforms each row and writes it as a column, so that doing it twice does both directions. The
 * basis is even or odd around its middle: half of the products do.
 */
function transformAndTurn(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 64; row += 8) {
    const a = from[row] ?? 0;
    const b = from[row + 1] ?? 0;
    const c = from[row + 2] ?? 0;
    const d = from[row + 3] ?? 0;
    const e = from[row + 4] ?? 0;
    const f = from[row + 5] ?? 0;
    const g = from[row + 6] ?? 0;
    const h = from[row + 7] ?? 0;
    for (let frequency = 0; frequency < 8; frequency += 1) {
      const at = frequency * 8;
      const sign = frequency % 2 === 0 ? 1 : -1;
      to[at + (row >> 3)] =
        (a + sign * h) * (COSINES[at] ?? 0) +
        (b + sign * g) * (COSINES[at + 1] ?? 0) +
        (c + sign * f) * (COSINES[at + 2] ?? 0) +
        (d + sign * e) * (COSINES[at + 3] ?? 0);
    }
  }
}

/** Writes one block. @returns its DC value, from which the next block of the channel counts */
function writeBlock(out: BitWriter, block: Int32Array, table: Table, previousDc: number): number {
  const dc = block[0] ?? 0;
  writeValue(out, HUFFMAN[table].dc.codes, 0, dc - previousDc);
  let zeros = 0;
  for (let index = 1; index < 64; index += 1) {
    const value = block[ZIGZAG[index] ?? 0] ?? 0;
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) writeCode(out, HUFFMAN[table].ac.codes, 0xf0);
    writeValue(out, HUFFMAN[table].ac.codes, zeros, value);
    zeros = 0;
  }
  if (zeros > 0) writeCode(out, HUFFMAN[table].ac.codes, 0x00);
  return dc;
}

/** The code for run and magnitude, then the magnitude's own bits; negatives are one less. */
function writeValue(out: BitWriter, codes: Codes, run: number, value: number): void {
  const size = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
  writeCode(out, codes, (run << 4) | size);
  out.bits(value < 0 ? value + (1 << size) - 1 : value, size);
}

type Codes = ReadonlyMap<number, { readonly code: number; readonly bits: number }>;

function writeCode(out: BitWriter, codes: Codes, symbol: number): void {
  const found = codes.get(symbol);
  if (found === undefined) throw new RangeError('A coefficient outside the baseline range');
  out.bits(found.code, found.bits);
}
