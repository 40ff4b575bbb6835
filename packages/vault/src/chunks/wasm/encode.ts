/* The binary format of WebAssembly, as much of it as our few loops need. Source: WebAssembly Core Specification 1.0, §5. */

/** Encoded instructions. What one leaves on the stack, the next takes. */
export type Code = readonly number[];

const I32 = 0x7f;
const I64 = 0x7e;
type ValueType = typeof I32 | typeof I64;

/** A variable of a function. */
export interface Variable {
  readonly index: number;
  readonly type: ValueType;
}

/** Unsigned LEB128, up to 2^32 − 1. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest === 0 ? [low] : [low | 0x80, ...unsigned(rest)];
}

/** Signed LEB128, up to 64 bits. */
function signed(value: bigint): Code {
  const low = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

export const get = ({ index }: Variable): Code => [0x20, ...unsigned(index)];
export const set = ({ index }: Variable, value: Code): Code => [...value, 0x21, ...unsigned(index)];

/** `do { body } while (condition)` */
export const repeatWhile = (condition: Code, body: Code): Code => [
  ...[0x03, 0x40, ...body, ...condition],
  ...[0x0d, 0x00, 0x0b],
];
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b];
/** Ends the function. */
export const giveBack = (value: Code): Code => [...value, 0x0f];

const binary = (opcode: number) => (a: Code, b: Code) => [...a, ...b, opcode];
const load = (opcode: number) => (address: Code, offset: number) => [
  ...[...address, opcode, 0x00],
  ...unsigned(offset),
];

export const i32 = {
  of: (value: number): Code => [0x41, ...signed(BigInt(value))],
  add: binary(0x6a),
  isBelow: binary(0x49),
  isZero: (value: Code): Code => [...value, 0x45],
  shiftLeft: binary(0x74),
  /** A byte of memory. */
  load8: load(0x2d),
  /** The lower 32 bits of 64. */
  wrap: (value: Code): Code => [...value, 0xa7],
};

export const i64 = {
  of: (value: bigint): Code => [0x42, ...signed(value)],
  add: binary(0x7c),
  multiply: binary(0x7e),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shiftLeft: binary(0x86),
  shiftRight: binary(0x88),
  isZero: (value: Code): Code => [...value, 0x50],
  /** 32 bits, not signed, as 64. */
  extend: (value: Code): Code => [...value, 0xad],
  /** 64, 32 or 8 bits of memory, not aligned, little endian, not signed. */
  load: load(0x29),
  load32: load(0x35),
  load8: load(0x31),
  store: (address: Code, value: Code, offset: number): Code => [
    ...[...address, ...value, 0x37, 0x00],
    ...unsigned(offset),
  ],
};

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const named = (name: string): Code => vector([...Buffer.from(name)].map((byte) => [byte]));

/** Hands out the variables of a function: first its parameters, which are all i32, then others. */
export class Variables {
  readonly parameters: readonly Variable[];
  readonly #others: Variable[] = [];

  constructor(parameterCount: number) {
    this.parameters = Array.from({ length: parameterCount }, (_, index) => ({ index, type: I32 }));
  }

  #more(type: ValueType): Variable {
    const variable = { index: this.parameters.length + this.#others.length, type };
    this.#others.push(variable);
    return variable;
  }

  i32(): Variable {
    return this.#more(I32);
  }

  i64(count: number): readonly Variable[] {
    return Array.from({ length: count }, () => this.#more(I64));
  }

  get declarations(): Code {
    return vector(this.#others.map(({ type }) => [1, type]));
  }
}

/**
 * A module with one function, which takes i32s and gives one, and one memory; exported as `run` and `memory`.
 *
 * @param options.pages of 64 KiB
 */
export function encodeModule(options: {
  readonly variables: Variables;
  readonly body: Code;
  readonly pages: number;
}): Uint8Array<ArrayBuffer> {
  const { variables, body, pages } = options;
  const parameters = vector(variables.parameters.map(({ type }) => [type]));
  const content = [...variables.declarations, ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...parameters, ...vector([[I32]])]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0x01, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(
      7,
      vector([
        [...named('run'), 0x00, 0],
        [...named('memory'), 0x02, 0],
      ]),
    ),
    ...section(10, vector([[...unsigned(content.length), ...content]])),
  ]);
}
