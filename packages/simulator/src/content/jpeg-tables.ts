/**
 * The example tables of ITU-T T.81, Annex K, which nearly every encoder uses. The quantisation ones
 * are halved: good quality (75 in the usual scale).
 */

/** Place in the block of each coefficient in the order it is written. */
export const ZIGZAG: readonly number[] = zigzag();

const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

const CHROMA_CORNER = [
  [17, 18, 24, 47],
  [18, 21, 26, 66],
  [24, 26, 56, 99],
  [47, 66, 99, 99],
];

const CHROMA = Array.from({ length: 64 }, (_, place) => CHROMA_CORNER[place >> 3]?.[place % 8] ?? 99);

export const QUANTISATION = {
  luma: LUMA.map((step) => step >> 1),
  chroma: CHROMA.map((step) => step >> 1),
} as const;

interface HuffmanTable {
  /** How many codes there are of 1…16 bits. */
  readonly counts: readonly number[];
  readonly values: readonly number[];
  readonly codes: ReadonlyMap<number, { readonly code: number; readonly bits: number }>;
}

const DC_VALUES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** Symbols of Tables K.5 and K.6, in hexadecimal. */
const LUMA_AC_VALUES = fromHex(
  '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a' +
    '434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa' +
    'b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
);
const CHROMA_AC_VALUES = fromHex(
  '0001020311040521311206415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a' +
    '434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa' +
    'b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
);

export const HUFFMAN = {
  luma: {
    dc: huffman([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], DC_VALUES),
    ac: huffman([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d], LUMA_AC_VALUES),
  },
  chroma: {
    dc: huffman([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], DC_VALUES),
    ac: huffman([0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77], CHROMA_AC_VALUES),
  },
} as const;

/** Codes in order of length, each one more than the last. Source: T.81, Annex C. */
function huffman(counts: readonly number[], values: readonly number[]): HuffmanTable {
  const codes = new Map<number, { readonly code: number; readonly bits: number }>();
  let code = 0;
  let next = 0;
  counts.forEach((count, index) => {
    for (let i = 0; i < count; i += 1) {
      codes.set(values[next] ?? 0, { code, bits: index + 1 });
      code += 1;
      next += 1;
    }
    code <<= 1;
  });
  return { counts, values, codes };
}

function zigzag(): readonly number[] {
  const places = Array.from({ length: 64 }, (_, place) => ({ place, x: place % 8, y: place >> 3 }));
  const along = (cell: { x: number; y: number }): number => ((cell.x + cell.y) % 2 === 0 ? cell.x : cell.y);
  return places.sort((a, b) => a.x + a.y - (b.x + b.y) || along(a) - along(b)).map(({ place }) => place);
}

function fromHex(hex: string): readonly number[] {
  return [...Buffer.from(hex.replaceAll(' ', ''), 'hex')];
}
