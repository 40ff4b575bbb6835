import {
  type Code,
  encodeModule,
  get,
  giveBack,
  i32,
  i64,
  repeatWhile,
  set,
  Variables,
} from './wasm/encode.ts';

/** Where the loop finds its numbers: five limbs of 26 bits, eight bytes each. */
export const POLY1305_MEMORY = {
  /** The sum so far. */
  sum: 0,
  /** The clamped `r`. */
  r: 40,
  /** Whole blocks of 16 bytes. */
  blocks: 128,
  blocksBytes: 128 * 1024,
} as const;

const LIMB_MASK = i64.of((1n << 26n) - 1n);

/**
 * WebAssembly that takes blocks into the sum: sum = (sum + block + 2^128) · r mod 2^130 − 5, for each.
 *
 * Parameters: where the blocks begin and end, and `topBit`, 2^24 for a whole block: its bit 128 as it stands in the
 * last limb; 0 for a last block to which the caller has appended the 1 already.
 *
 * A limb of a product is below 2^59: five products of 27 and 29 bits, the latter being limbs of r times 5.
 *
 * Source: Bernstein, The Poly1305-AES message-authentication code (2005); the limbs are ours.
 */
export function poly1305Loop(): Uint8Array<ArrayBuffer> {
  const variables = new Variables(3);
  const [at, end, topBit] = variables.parameters as [Variable, Variable, Variable];
  const sum = variables.i64(5);
  const r = variables.i64(5);
  const fiveR = variables.i64(5);
  const product = variables.i64(5);
  const carry = variables.i64(1)[0] as Variable;

  const restore = range5((i) => [
    ...set(at5(sum, i), i64.load(i32.of(0), POLY1305_MEMORY.sum + 8 * i)),
    ...set(at5(r, i), i64.load(i32.of(0), POLY1305_MEMORY.r + 8 * i)),
    ...set(at5(fiveR, i), i64.multiply(get(at5(r, i)), i64.of(5n))),
  ]);
  const keep = range5((i) => i64.store(i32.of(0), get(at5(sum, i)), POLY1305_MEMORY.sum + 8 * i));

  const body = [
    ...addBlock(sum, at, topBit),
    ...range5((i) => set(at5(product, i), productLimb(i, { sum, r, fiveR }))),
    ...carryOver({ product, sum, carry }),
    ...set(at, i32.add(get(at), i32.of(16))),
  ];
  return encodeModule({
    variables,
    body: [...restore, ...repeatWhile(i32.isBelow(get(at), get(end)), body), ...keep, ...giveBack(get(at))],
    pages: Math.ceil((POLY1305_MEMORY.blocks + POLY1305_MEMORY.blocksBytes) / 65536),
  });
}

type Variable = ReturnType<Variables['i32']>;

const range5 = (each: (i: number) => Code): Code => [0, 1, 2, 3, 4].flatMap(each);
const at5 = (five: readonly Variable[], i: number): Variable => five[i] as Variable;

/** Limb i is the bits from 26 i of the block: each lies within four bytes, but for a shift of up to 6 bits. */
function addBlock(sum: readonly Variable[], at: Variable, topBit: Variable): Code {
  const bits = (offset: number, shift: bigint): Code =>
    i64.and(i64.shiftRight(i64.load32(get(at), offset), i64.of(shift)), LIMB_MASK);
  const limbs = [
    bits(0, 0n),
    bits(3, 2n),
    bits(6, 4n),
    bits(9, 6n),
    i64.or(i64.shiftRight(i64.load32(get(at), 12), i64.of(8n)), i64.extend(get(topBit))),
  ];
  return range5((i) => set(at5(sum, i), i64.add(get(at5(sum, i)), limbs[i] ?? [])));
}

/** Limb i of sum · r: what would be limb i + 5 has the weight 2^130, which is 5. */
function productLimb(
  i: number,
  of: {
    readonly sum: readonly Variable[];
    readonly r: readonly Variable[];
    readonly fiveR: readonly Variable[];
  },
): Code {
  const terms = [0, 1, 2, 3, 4].map((j) =>
    i64.multiply(get(at5(of.sum, j)), get(j <= i ? at5(of.r, i - j) : at5(of.fiveR, i - j + 5))),
  );
  return terms.reduce((a, b) => i64.add(a, b));
}

/** Brings each limb back to 26 bits; limb 1 may keep one more. */
function carryOver(of: {
  readonly product: readonly Variable[];
  readonly sum: readonly Variable[];
  readonly carry: Variable;
}): Code {
  const { product, sum, carry } = of;
  const high = (limb: Variable): Code => i64.shiftRight(get(limb), i64.of(26n));
  const low = (limb: Variable): Code => i64.and(get(limb), LIMB_MASK);
  const steps = [0, 1, 2, 3].flatMap((i) => [
    ...set(at5(product, i + 1), i64.add(get(at5(product, i + 1)), high(at5(product, i)))),
    ...set(at5(sum, i), low(at5(product, i))),
  ]);
  return [
    ...steps,
    ...set(carry, i64.multiply(high(at5(product, 4)), i64.of(5n))),
    ...set(at5(sum, 4), low(at5(product, 4))),
    ...set(at5(sum, 0), i64.add(get(at5(sum, 0)), get(carry))),
    ...set(at5(sum, 1), i64.add(get(at5(sum, 1)), high(at5(sum, 0)))),
    ...set(at5(sum, 0), low(at5(sum, 0))),
  ];
}
