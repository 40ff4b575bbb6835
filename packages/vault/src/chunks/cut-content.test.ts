import { seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { type Cut, cutContent } from './cut-content.ts';
import { remainder } from './polynomial.ts';

const POLYNOMIAL = 0x32dae786a1deb9n;
const MEBIBYTE = 1024 * 1024;

const random = seededRandom('chunks');

/** Random; then zeros, whose digest is 0; then what never ends by itself; then random again. */
const CONTENT = Buffer.concat([
  random.bytes(6 * MEBIBYTE),
  new Uint8Array(2 * MEBIBYTE),
  new Uint8Array(9 * MEBIBYTE).fill(0x55),
  random.bytes(3 * MEBIBYTE),
]);

/** What restic 0.14.0 made of this content, in a repository with this polynomial. */
const BY_RESTIC = [
  760518, 4196842, 756509, 577651, 524288, 524288, 524288, 8388608, 1939835, 1246925, 1531768,
];

async function lengthsOf(
  content: Uint8Array,
  cut: Cut,
  pieceBytes: () => number,
): Promise<readonly number[]> {
  const pieces = inPieces(content, pieceBytes);
  const chunks = await Array.fromAsync(cutContent(pieces, { polynomial: POLYNOMIAL, cut }));
  expect(Buffer.compare(Buffer.concat(chunks), content)).toBe(0);
  // A chunk that shares its memory could not be transferred to a thread.
  for (const chunk of chunks) expect(chunk.buffer.byteLength).toBe(chunk.length);
  return chunks.map(({ length }) => length);
}

function* inPieces(content: Uint8Array, pieceBytes: () => number): Generator<Uint8Array> {
  for (let at = 0; at < content.length; ) {
    const bytes = pieceBytes();
    yield content.subarray(at, at + bytes);
    at += bytes;
  }
}

test('chunks end where those of restic end', async () => {
  expect(await lengthsOf(CONTENT, 'rabin', () => CONTENT.length)).toEqual(BY_RESTIC);
});

test('where chunks end does not depend on the pieces in which content comes', async () => {
  const sizes = { tiny: () => random.below(60), odd: () => random.below(200_000), even: () => 512 * 1024 };
  const start = CONTENT.subarray(0, 6 * MEBIBYTE);
  const expected = await lengthsOf(start, 'rabin', () => start.length);
  expect(await lengthsOf(start, 'rabin', sizes.tiny)).toEqual(expected);
  expect(await lengthsOf(CONTENT, 'rabin', sizes.odd)).toEqual(BY_RESTIC);
  expect(await lengthsOf(CONTENT, 'rabin', sizes.even)).toEqual(BY_RESTIC);
});

test('a chunk may end at the first place where it can, however its first window came', async () => {
  const start = Buffer.from(random.bytes(512 * 1024 + 100));
  const window = start.subarray(512 * 1024 - 64, 512 * 1024);
  // The last seven bytes take away what the others leave: the digest is 0.
  const others = BigInt(`0x${window.toString('hex', 0, 57)}`) << 56n;
  window.write(remainder(others, POLYNOMIAL).toString(16).padStart(14, '0'), 57, 'hex');
  for (const bytesMax of [1, 60, 100_000, 1_000_000])
    expect(await lengthsOf(start, 'rabin', () => 1 + random.below(bytesMax))).toEqual([512 * 1024, 100]);
});

test('two contents that are cut at the same time do not disturb each other', async () => {
  const options = { polynomial: POLYNOMIAL, cut: 'rabin' } as const;
  const other = cutContent(
    inPieces(random.bytes(4 * MEBIBYTE), () => 9999),
    options,
  );
  const lengths: number[] = [];
  for await (const { length } of cutContent(
    inPieces(CONTENT, () => 70_000),
    options,
  )) {
    lengths.push(length);
    await other.next();
  }
  expect(lengths).toEqual(BY_RESTIC);
});

test('after an insertion chunks end where they ended before', async () => {
  const longer = Buffer.concat([Buffer.from('inserted'), CONTENT]);
  const lengths = await lengthsOf(longer, 'rabin', () => 65_536);
  expect(lengths.slice(1)).toEqual(BY_RESTIC.slice(1));
});

test('pages are cut at multiples of their size', async () => {
  const content = CONTENT.subarray(0, 100_000);
  const cut = { pageBytes: 16384 };
  const expected = [16384, 16384, 16384, 16384, 16384, 16384, 1696];
  for (const pieceBytes of [() => 1, () => 16384, () => 100_000, () => random.below(50_000)])
    expect(await lengthsOf(content, cut, pieceBytes)).toEqual(expected);
  expect(await lengthsOf(content.subarray(0, 32768), cut, () => 100)).toEqual([16384, 16384]);
});

test('empty content has no chunks, a single byte is one', async () => {
  for (const cut of ['rabin', { pageBytes: 16384 }] as const) {
    expect(await lengthsOf(new Uint8Array(0), cut, () => 1)).toEqual([]);
    expect(await lengthsOf(Uint8Array.of(7), cut, () => 1)).toEqual([1]);
  }
});

test('an error of the source arrives', async () => {
  const source = (async function* () {
    yield new Uint8Array(100);
    throw new Error('no more');
  })();
  const cutting = Array.fromAsync(cutContent(source, { polynomial: POLYNOMIAL, cut: 'rabin' }));
  await expect(cutting).rejects.toThrow('no more');
});
