import { seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { vaultError } from '../errors.ts';
import { DEGREE, formatPolynomial, isIrreducible, newPolynomial, parsePolynomial } from './polynomial.ts';

/** The product, without remainder. */
function times(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 0n; b >> bit > 0n; bit += 1n) if ((b >> bit) & 1n) product ^= a << bit;
  return product;
}

test('a small polynomial is irreducible exactly if no smaller one divides it', () => {
  const all = Array.from({ length: 254 }, (_, at) => BigInt(at + 2));
  const products = new Set(all.flatMap((a) => all.filter((b) => b <= a).map((b) => times(a, b))));
  for (const a of all) expect(isIrreducible(a), a.toString(2)).toBe(!products.has(a));
});

test('a new polynomial is of degree 53, has no factors, and is another one each time', () => {
  const { bytes } = seededRandom('polynomial');
  const polynomials = Array.from({ length: 20 }, () => newPolynomial(bytes));
  for (const polynomial of polynomials) {
    expect(polynomial >> BigInt(DEGREE)).toBe(1n);
    expect(isIrreducible(polynomial)).toBe(true);
    expect(parsePolynomial(formatPolynomial(polynomial))).toBe(polynomial);
  }
  expect(new Set(polynomials).size).toBe(20);
});

test('the polynomials that restic has drawn are accepted', () => {
  // The second is of its documentation; the first was drawn by restic 0.14.0.
  expect(parsePolynomial('32dae786a1deb9')).toBe(0x32dae786a1deb9n);
  expect(parsePolynomial('25b468838dcb75')).toBe(0x25b468838dcb75n);
});

test.each([
  ['', 'nothing'],
  ['25b468838dcb77', 'one with factors'],
  ['25b468838dcb7', 'one of a lower degree'],
  ['7', 'one that is irreducible, but small'],
  ['25b468838dcb7525b468838dcb75', 'a long one'],
  ['0x25b468838dcb75', 'another notation'],
])('%j is refused: %s', (text) => {
  expect(() => parsePolynomial(text)).toThrow(vaultError('polynomial-invalid').message);
});

test('a source of chance that gives always the same is noticed', () => {
  expect(() => newPolynomial((count) => new Uint8Array(count))).toThrow('not random');
});
