import { createHash } from 'node:crypto';
import type { ReadableTree, TreePath } from '@rootcellar/core';
import { receivedHashOf } from '../folder/received-hashes.ts';
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
  const { tree, manifest, entry, options } = blob;
  const hashOf = (algorithm: string) =>
    hashFile(tree, manifest.blobPath(entry.fileID), algorithm, options.signal);
  const received = blob.received && receivedHashOf(blob.received, entry.fileID);
  if (received !== undefined) {
    return (await hashOf('sha256')).equals(received) ? 'right' : 'changed-since-received';
  }
  const { digest } = entry;
  if (digest === undefined) return 'none';
  const algorithm = DIGESTS.get(digest.length);
  if (algorithm === undefined) return 'digest-unknown';
  return (await hashOf(algorithm)).equals(digest) ? 'right' : 'digest-wrong';
}

/** Hash of a file as it lies in the backup. */
export async function hashFile(
  tree: ReadableTree,
  path: TreePath,
  algorithm: string,
  signal?: AbortSignal,
): Promise<Buffer> {
  const hash = createHash(algorithm);
  for await (const piece of tree.read(path, undefined, { lent: true })) {
    signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest();
}
