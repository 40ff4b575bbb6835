/** The widest integer a property list holds is 128 bits, two's complement. */
export const INTEGER_MAX = 2n ** 127n - 1n;
export const INTEGER_MIN = -(2n ** 127n);

/** A `number` where it is exact, else a `bigint`: so every integer has one representation. */
export function normalInteger(value: bigint): number | bigint {
  const exact = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return exact ? Number(value) : value;
}
