export const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/**
 * `unknown`: a database of an old or foreign writer, whose header does not say how long it is.
 */
export type DatabaseState = 'no-database' | 'whole' | 'cut-short' | 'unknown';

/**
 * Compares the length of a database with the number of pages its header names. It says nothing about what is
 * in the pages.
 *
 * Source: sqlite.org, "Database File Format" §1.3: page size at 16, change counter at 24, pages at 28,
 * version-valid-for at 92.
 *
 * @param start its first 100 bytes
 * @param sizeBytes of all of it
 */
export async function databaseState(
  start: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): Promise<DatabaseState> {
  const header = Buffer.concat(await Array.fromAsync(start));
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) return 'no-database';
  if (header.length < HEADER_BYTES) return 'cut-short';
  const pages = header.readUInt32BE(28);
  const isCurrent = header.readUInt32BE(24) === header.readUInt32BE(92);
  if (pages === 0 || !isCurrent) return 'unknown';
  return pages * pageBytesOf(header) <= sizeBytes ? 'whole' : 'cut-short';
}

/** 65,536 does not fit into two bytes and is written as 1. */
export function pageBytesOf(header: Buffer): number {
  const written = header.readUInt16BE(16);
  return written === 1 ? 65_536 : written;
}
