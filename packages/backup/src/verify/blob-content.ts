import { KnownError } from '@rootcellar/core';
import type { FindingCode, FindingPlace } from '../finding.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import type { BlobCheck } from './blobs.ts';
import { isDamage } from './damage.ts';
import { lookInside } from './look-inside.ts';
import { type PlainContent, plainContentOf } from './plain-content.ts';
import { type Proof, proofOf } from './proof.ts';
import { checkStructureOrLength, expectedBytes, isSealed } from './structure.ts';

export interface OneBlob extends BlobCheck {
  readonly entry: ManifestEntry;
  /** As it lies in the backup. */
  readonly sizeBytes: number;
  readonly place: FindingPlace;
}

/**
 * Checks the content of one file with the strongest means there is: a hash, its structure, its length. Each file
 * ends counted as good by exactly one of them, or with a finding.
 *
 * @throws what the tree throws, if that tells nothing of the file
 */
export async function checkBlob(blob: OneBlob): Promise<void> {
  try {
    await checkContent(blob);
  } catch (error) {
    if (!isDamage(error)) throw error;
    blob.report.find('blob-unreadable', blob.place);
  }
}

async function checkContent(blob: OneBlob): Promise<void> {
  const { depth, report, place, entry, keys } = blob;
  const proof = depth === 'names' ? 'none' : await proofOf(blob);
  if (proof !== 'none' && proof !== 'right') return report.find(proof, place);
  if (isSealed(blob) && keys && entry.encryptionKey && !opens(keys.openKey, entry.encryptionKey)) {
    return report.find('file-key-damaged', place);
  }
  const plain = depth === 'names' ? undefined : await plainContentOf(blob);
  if (plain && proof === 'none' && plain.ending !== 'valid')
    return report.find(codeOfEnding(blob, plain), place);
  const inside = depth === 'deep' && plain ? await lookInside(blob, plain) : 'not-known';
  countOrFind(blob, proof, inside);
  if (proof === 'none' && (inside === 'not-known' || inside === 'cannot-tell')) {
    await checkStructureOrLength(blob, plain);
  }
}

function countOrFind(blob: OneBlob, proof: Proof, inside: Awaited<ReturnType<typeof lookInside>>): void {
  const { report, place } = blob;
  const isProven = proof === 'right';
  if (isProven) report.countGood('digest');
  if (inside === 'sound' && !isProven) report.countGood('structure');
  if (inside === 'cannot-tell') report.find('inside-cannot-tell', place);
  if (inside === 'sound' || inside === 'not-known' || inside === 'cannot-tell') return;
  // What is as it arrived was so on the device already.
  report.find(isProven ? 'damaged-on-device' : inside, place);
}

function opens(open: (wrapped: Uint8Array) => Uint8Array, wrapped: Uint8Array): boolean {
  try {
    open(wrapped);
    return true;
  } catch (error) {
    if (error instanceof KnownError) return false;
    throw error;
  }
}

/** A file that was changing while it was sent ends early; one that has its full length was altered later. */
function codeOfEnding(blob: OneBlob, { ending }: PlainContent): FindingCode {
  if (ending === 'cut') return 'blob-size-impossible';
  const expected = expectedBytes(blob);
  return expected !== undefined && blob.sizeBytes < expected ? 'length-differs' : 'padding-wrong';
}
