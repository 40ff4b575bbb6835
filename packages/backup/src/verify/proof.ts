import { createHash } from 'node:crypto';
import type { OneBlob } from './blob-content.ts';

/** `right`: every bit is what it was. `none`: nothing could prove it. Else the finding that it is. */
export type Proof = 'right' | 'none' | 'digest-wrong' | 'digest-unknown' | 'changed-since-received';

/** By the length of the check value. SHA-1 is all that was seen; 32 bytes are accepted in case. */
const DIGESTS: ReadonlyMap<number, string> = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
]);

/** Compares a blob with the hash it had when it arrived, or with the device's own, which only some files have. */
export async function proofOf(blob: OneBlob): Promise<Proof> {
  const received = blob.received?.(blob.entry.fileID);
  if (received !== undefined) {
    return (await hasHash(blob, 'sha256', received)) ? 'right' : 'changed-since-received';
  }
  const { digest } = blob.entry;
  if (digest === undefined) return 'none';
  const algorithm = DIGESTS.get(digest.length);
  if (algorithm === undefined) return 'digest-unknown';
  return (await hasHash(blob, algorithm, digest)) ? 'right' : 'digest-wrong';
}

async function hasHash(blob: OneBlob, algorithm: string, expected: Uint8Array): Promise<boolean> {
  const hash = createHash(algorithm);
  for await (const piece of blob.tree.read(blob.manifest.blobPath(blob.entry.fileID))) {
    blob.options.signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest().equals(expected);
}
