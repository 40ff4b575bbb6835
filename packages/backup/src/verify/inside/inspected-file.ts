import type { ByteRange } from '@rootcellar/core';

/**
 * What looking into a file came to.
 *
 * - `sound`: it is what it seems to be, as far as its kind lets one see
 * - `not-known`: of a kind that we cannot look into
 * - `cannot-tell`: it needs something that only its app has
 * - the others: it is not whole. That says nothing of when it broke: phones back up files while apps write them
 */
export type Inspection =
  | 'sound'
  | 'not-known'
  | 'cannot-tell'
  | 'database-damaged'
  | 'plist-damaged'
  | 'image-cut-short';

/** A file as it was on the device, decrypted. */
export interface InspectedFile {
  readonly sizeBytes: number;
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
  /** The file of the same name with this at its end (`-wal`), if the backup has it. */
  companion(suffix: string): AsyncIterable<Uint8Array> | undefined;
  /** Where a database may be copied to, readable by the owner of the process alone. */
  readonly workFolder: string;
}

export async function partOf(file: Pick<InspectedFile, 'read'>, range: ByteRange): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(file.read(range)));
}
