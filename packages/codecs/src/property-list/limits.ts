import { plistError } from '../errors.ts';

/**
 * How much of a property list from outside we accept. The format sets no limits; a few bytes can claim
 * anything, and because objects may be referred to more than once, a small file can unfold to a giant.
 */
export interface PlistLimits {
  /** Size of the input. DeviceLink listings and move lists of a full phone stay under 256 MiB. */
  readonly bytesMax: number;
  /** Containers inside containers. Real lists stay under 20; we recurse, so never above `DEPTH_CEILING`. */
  readonly depthMax: number;
  /** Values after unfolding shared references. The largest list seen names 1.3 million files. */
  readonly valuesMax: number;
  /** Bytes of text after unfolding; only short texts that repeat are shared in memory. */
  readonly textBytesMax: number;
}

/** The stack of Node holds several times as many levels of our recursion. */
const DEPTH_CEILING = 1000;

export const DEFAULT_LIMITS: PlistLimits = {
  bytesMax: 256 * 1024 * 1024,
  depthMax: 512,
  valuesMax: 8_000_000,
  textBytesMax: 256 * 1024 * 1024,
};

/** The limits to use, when the caller gives some or none. */
export function completeLimits(limits: Partial<PlistLimits> = {}): PlistLimits {
  const complete = { ...DEFAULT_LIMITS, ...limits };
  return { ...complete, depthMax: Math.min(complete.depthMax, DEPTH_CEILING) };
}

/** @throws `plist.empty`, `plist.too-large` */
export function requireSize(bytes: Uint8Array, limits: PlistLimits): void {
  if (bytes.length === 0) throw plistError('empty');
  if (bytes.length > limits.bytesMax) {
    throw plistError('too-large', { sizeBytes: bytes.length, bytesMax: limits.bytesMax });
  }
}

/** What may still be unfolded while one list is read or written. */
export class UnfoldingBudget {
  readonly #limits: PlistLimits;
  #values = 0;
  #textBytes = 0;

  constructor(limits: PlistLimits) {
    this.#limits = limits;
  }

  /** @throws `plist.too-deep` */
  enter(depth: number): void {
    if (depth > this.#limits.depthMax) throw plistError('too-deep', { depthMax: this.#limits.depthMax });
  }

  /** @throws `plist.too-many-values` */
  spendValues(count: number): void {
    this.#values += count;
    if (this.#values > this.#limits.valuesMax) {
      throw plistError('too-many-values', { valuesMax: this.#limits.valuesMax });
    }
  }

  /** @throws `plist.too-much-text` */
  spendText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes > this.#limits.textBytesMax) {
      throw plistError('too-much-text', { textBytesMax: this.#limits.textBytesMax });
    }
  }
}
