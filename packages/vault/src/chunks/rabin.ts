import { DEGREE, remainder } from './polynomial.ts';
import { RABIN_MEMORY, rabinLoop, WINDOW_BYTES } from './rabin-loop.ts';
import { instantiate, type Machine } from './wasm/instantiate.ts';

/** Source: restic/chunker, `MinSize`. */
const CHUNK_BYTES_MIN = 512 * 1024;
/** Source: restic/chunker, `MaxSize`. */
export const CHUNK_BYTES_MAX = 8 * 1024 * 1024;

/** How many tables are kept: more vaults than a few are rarely open at once. */
const MACHINES_MAX = 8;

const machines = new Map<bigint, Machine>();

/**
 * Says where chunks end, byte by byte as restic does: where the digest of the last 64 bytes has 20 zero bits, but
 * not before 512 KiB and at 8 MiB at the latest.
 *
 * Source: restic, doc/design.rst, "Backups and Deduplication"; restic/chunker, `chunker.go`, `Next`.
 */
export class RabinCutter {
  readonly chunkBytesMax = CHUNK_BYTES_MAX;
  readonly #machine: Machine;
  /** The bytes before the next one. */
  readonly #window = new Uint8Array(WINDOW_BYTES);
  /** Of the chunk that has begun. */
  #bytes = 0;

  constructor(polynomial: bigint) {
    this.#machine = machineFor(polynomial);
  }

  /** How many bytes of a piece belong to the chunk that has begun, if it ends within the piece. */
  findEnd(piece: Uint8Array): number | undefined {
    let at = this.#pass(piece, 0);
    while (at < piece.length) {
      const bytes = Math.min(RABIN_MEMORY.blockBytes, CHUNK_BYTES_MAX - this.#bytes);
      const block = piece.subarray(at, at + bytes);
      const end = this.#search(block);
      at += end ?? block.length;
      this.#bytes += end ?? block.length;
      if (end === undefined && this.#bytes < CHUNK_BYTES_MAX) continue;
      this.#bytes = 0;
      return at;
    }
    return undefined;
  }

  /** Passes by what cannot be the end of a chunk: a third of all bytes. Keeps what the first window needs of it. */
  #pass(piece: Uint8Array, at: number): number {
    const bytes = Math.min(piece.length - at, Math.max(0, CHUNK_BYTES_MIN - 1 - this.#bytes));
    const last = piece.subarray(Math.max(at, at + bytes - WINDOW_BYTES), at + bytes);
    this.#window.copyWithin(0, last.length);
    this.#window.set(last, WINDOW_BYTES - last.length);
    this.#bytes += bytes;
    return at + bytes;
  }

  #search(block: Uint8Array): number | undefined {
    const { memory, run } = this.#machine;
    const start = RABIN_MEMORY.block;
    memory.set(this.#window, start - WINDOW_BYTES);
    memory.set(block, start);
    const half = Math.ceil(block.length / 2);
    const end = run(start, start + block.length - half, start + half);
    this.#window.set(memory.subarray(start + block.length - WINDOW_BYTES, start + block.length));
    return end === 0 ? undefined : end - start;
  }
}

/** Compiled code and tables are kept: making them takes as long as cutting some megabytes. */
function machineFor(polynomial: bigint): Machine {
  const kept = machines.get(polynomial);
  if (kept !== undefined) return kept;
  const machine = instantiate(rabinLoop());
  const { reduce, leave } = tablesOf(polynomial);
  new BigUint64Array(machine.memory.buffer, RABIN_MEMORY.reduce, 256).set(reduce);
  new BigUint64Array(machine.memory.buffer, RABIN_MEMORY.leave, 256).set(leave);
  for (const oldest of machines.keys()) if (machines.size >= MACHINES_MAX) machines.delete(oldest);
  machines.set(polynomial, machine);
  return machine;
}

/** What `RABIN_MEMORY` describes. */
function tablesOf(polynomial: bigint): { readonly reduce: BigUint64Array; readonly leave: BigUint64Array } {
  const reduce = BigUint64Array.from({ length: 256 }, (_, byte) => {
    const high = BigInt(byte) << BigInt(DEGREE);
    return high ^ remainder(high, polynomial);
  });
  const left = remainder(1n << BigInt(8 * WINDOW_BYTES), polynomial);
  const leave = BigUint64Array.from({ length: 256 }, (_, byte) => times(byte, left, polynomial));
  return { reduce, leave };
}

function times(byte: number, a: bigint, polynomial: bigint): bigint {
  let product = 0n;
  for (let bit = 0; bit < 8; bit += 1) if ((byte >> bit) & 1) product ^= a << BigInt(bit);
  return remainder(product, polynomial);
}
