import type { Cut } from './cut-content.ts';

const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;

/** Smaller ones are one chunk or two anyway. */
const BYTES_MIN = MEBIBYTE;

/** From here on an entry of the index for every 16 KiB would cost more than it saves. */
const LARGE_BYTES = 4 * GIBIBYTE;

/** How many bytes of the start `cutFor` wants to see. */
export const START_BYTES = 66;

/** Source: SQLite, "Database File Format", §1.3. */
const DATABASE_START = Buffer.from('SQLite format 3\0');
/** Of a write-ahead log, either order of bytes. Source: SQLite, "Database File Format", §4.1. */
const LOG_STARTS = [Buffer.from('377f0682', 'hex'), Buffer.from('377f0683', 'hex')];

/** Our lists of the files of a phone: docs/formats/cipher-list.md, and the digests as `sha256sum` writes them. */
const LIST_STARTS = [/^\{"cipherList":/, /^[0-9a-f]{64} [ *]/];

/**
 * How to cut a file. A database changes a few pages here and there, and never moves one: cut every 16 KiB, 96 % of
 * its chunks survive a change of 1 % of its pages, of those of a MiB 8 %. A list of hundreds of thousands of files
 * changes as well in many places at once.
 *
 * @param start the first `START_BYTES`, or all if there are fewer
 * @param contentBytes how large the whole is
 */
export function cutFor(start: Uint8Array, contentBytes: number): Cut {
  if (contentBytes < BYTES_MIN) return 'rabin';
  const text = Buffer.from(start).toString('latin1');
  if (LIST_STARTS.some((wanted) => wanted.test(text))) return 'lines';
  const isDatabase = [DATABASE_START, ...LOG_STARTS].some((wanted) => beginsWith(start, wanted));
  if (!isDatabase) return 'rabin';
  return { pageBytes: contentBytes < LARGE_BYTES ? 16 * 1024 : 64 * 1024 };
}

function beginsWith(start: Uint8Array, wanted: Uint8Array): boolean {
  return Buffer.compare(start.subarray(0, wanted.length), wanted) === 0;
}
