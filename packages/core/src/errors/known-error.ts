import { sizeWords } from '../size-words.ts';

/**
 * Numbers, sizes, states and versions only: whatever names a person, a device or a file stays out. There are two exceptions,
 * for nobody could do what is advised without them: who misses a vault is told its place, without what signs in there, and
 * the UDID it belongs to; who finds a lock is told the process and the computer that hold it.
 */
export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** May the same attempt be made again? `after-action` means: only once the owner has done something. */
export type Retry = 'now' | 'after-action' | 'no';

/**
 * One line of an error catalogue. `{name}` in a sentence is replaced by the detail of that name; a name
 * that ends in `Bytes` by a size in words.
 */
export interface ErrorEntry {
  /** What happened, in one or two plain sentences. */
  readonly happened: string;
  /** What the owner can do next. */
  readonly next: string;
  /** Default `no`. */
  readonly retry?: Retry;
  /** See `KnownError.saysDamage`. Default `false`. */
  readonly damage?: boolean;
}

/**
 * Every failure we understand. Its code is stable for ever; its wording is not.
 *
 * What the failure means for the owner's data is not known here: the operation adds it
 * (see `FailureReport`).
 */
export class KnownError extends Error {
  /** `<area>.<name>`, for example `usbmux.frame-cut-short`. */
  readonly code: string;
  readonly next: string;
  readonly retry: Retry;
  readonly details: ErrorDetails;
  /**
   * Does it say that what is stored is damaged or gone? One that does not (a network that is down, a folder of somebody
   * else) says nothing about it, neither good nor bad.
   */
  readonly saysDamage: boolean;

  constructor(options: {
    readonly code: string;
    readonly entry: ErrorEntry;
    readonly details: ErrorDetails;
    readonly cause?: unknown;
  }) {
    super(fillIn(options.entry.happened, options.details), { cause: options.cause });
    this.name = 'KnownError';
    this.code = options.code;
    this.next = fillIn(options.entry.next, options.details);
    this.retry = options.entry.retry ?? 'no';
    this.details = options.details;
    this.saysDamage = options.entry.damage ?? false;
  }

  /** What happened, for people. */
  get happened(): string {
    return this.message;
  }
}

/** Makes the errors of one area, and remembers the catalogue they come from. */
export interface ErrorArea<Name extends string> {
  (name: Name, details?: ErrorDetails, cause?: unknown): KnownError;
  readonly area: string;
  readonly catalogue: Readonly<Record<Name, ErrorEntry>>;
  /** Is this an error of this area, and of that name if one is given? */
  matches(error: unknown, name?: Name): error is KnownError;
}

/**
 * Defines the errors of one area.
 *
 * @example
 * const usbmuxError = defineErrors('usbmux', {
 *   'frame-cut-short': {
 *     happened: 'The USB connection closed in the middle of a message.',
 *     next: 'Check the cable, then try again.',
 *   },
 * });
 * throw usbmuxError('frame-cut-short', { expectedBytes: 16, receivedBytes: 3 });
 */
export function defineErrors<const Entries extends Record<string, ErrorEntry>>(
  area: string,
  entries: Entries,
): ErrorArea<Extract<keyof Entries, string>> {
  type Name = Extract<keyof Entries, string>;
  const make = (name: Name, details: ErrorDetails = {}, cause?: unknown): KnownError => {
    const entry = entries[name];
    if (entry === undefined) throw new TypeError(`No error ${area}.${name} in the catalogue`);
    return new KnownError({ code: `${area}.${name}`, entry, details, cause });
  };
  const matches = (error: unknown, name?: Name): error is KnownError =>
    error instanceof KnownError &&
    (name === undefined ? error.code.startsWith(`${area}.`) : error.code === `${area}.${name}`);
  return Object.assign(make, { area, catalogue: entries, matches });
}

/** Does it say that what is stored is damaged or gone? See `KnownError.saysDamage`. */
export function saysDamage(error: unknown): boolean {
  return error instanceof KnownError && error.saysDamage;
}

function fillIn(sentence: string, details: ErrorDetails): string {
  return sentence.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = details[key];
    if (value === undefined) return 'unknown';
    return key.endsWith('Bytes') ? sizeWords(Number(value)) : String(value);
  });
}
