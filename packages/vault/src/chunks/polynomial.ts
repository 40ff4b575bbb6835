import { vaultError } from '../errors.ts';

/*
 * Polynomials over GF(2), as numbers: bit n is the coefficient of x^n. They do not fit into the 53 bits of a
 * double, because the coefficient of x^53 is one bit more.
 */

/** Of every polynomial of a vault. Source: restic/chunker, `polynomials.go`, `randPolynomialMaxTries` and below. */
export const DEGREE = 53;

/** One in 27 of those we try is irreducible: after this many the source of chance gives no chance. */
const TRIES_MAX = 10_000;

/**
 * A polynomial of degree 53 that has no factors, for one vault: where its chunks end depends on it, so that nobody
 * else can tell a known file by the lengths of its chunks.
 *
 * @param random gives that many bytes that nobody can guess
 */
export function newPolynomial(random: (count: number) => Uint8Array): bigint {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const bytes = random(8);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
    // Without the last term it would be a multiple of x.
    const polynomial = BigInt.asUintN(DEGREE, drawn) | (1n << BigInt(DEGREE)) | 1n;
    if (isIrreducible(polynomial)) return polynomial;
  }
  throw new Error(`No polynomial among ${TRIES_MAX}: the bytes are not random.`);
}

/**
 * Reads a polynomial as it stands in the configuration of a vault: hexadecimal.
 *
 * @throws `vault.polynomial-invalid` if it is not of degree 53, or has factors
 */
export function parsePolynomial(text: string): bigint {
  if (!/^[0-9a-f]{1,16}$/i.test(text)) throw vaultError('polynomial-invalid');
  const polynomial = BigInt(`0x${text}`);
  if (degreeOf(polynomial) !== DEGREE || !isIrreducible(polynomial)) throw vaultError('polynomial-invalid');
  return polynomial;
}

/** The reverse of `parsePolynomial`. */
export function formatPolynomial(polynomial: bigint): string {
  return polynomial.toString(16);
}

/**
 * Has it no factors? x^(2^i) − x is the product of all irreducible polynomials whose degree divides i: one that
 * shares no factor with any of these, up to half its degree, has none.
 *
 * Source: Ben-Or, Probabilistic algorithms in finite fields (1981).
 */
export function isIrreducible(polynomial: bigint): boolean {
  let power = remainder(2n, polynomial);
  for (let i = 1; i <= degreeOf(polynomial) / 2; i += 1) {
    power = multiply(power, power, polynomial);
    if (commonDivisor(polynomial, power ^ 2n) !== 1n) return false;
  }
  return degreeOf(polynomial) > 0;
}

/** −1 for 0. */
function degreeOf(a: bigint): number {
  return a === 0n ? -1 : a.toString(2).length - 1;
}

export function remainder(a: bigint, divisor: bigint): bigint {
  const degree = degreeOf(divisor);
  let rest = a;
  for (let at = degreeOf(rest); at >= degree; at = degreeOf(rest)) rest ^= divisor << BigInt(at - degree);
  return rest;
}

function multiply(a: bigint, b: bigint, modulus: bigint): bigint {
  let product = 0n;
  let shifted = a;
  for (let bits = b; bits > 0n; bits >>= 1n) {
    if ((bits & 1n) === 1n) product ^= shifted;
    shifted = remainder(shifted << 1n, modulus);
  }
  return product;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : commonDivisor(b, remainder(a, b));
}
