import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';

/** The entries of one fileID; one of the two is always there. */
export interface EntryPair {
  readonly before: ManifestEntry | undefined;
  readonly after: ManifestEntry | undefined;
}

/** Walks through two lists at the same time, in the order of their fileIDs. Memory holds a page of each. */
export function* mergeEntries(before: Manifest, after: Manifest): Generator<EntryPair, void> {
  const olds = before.entries()[Symbol.iterator]();
  const news = after.entries()[Symbol.iterator]();
  let old = next(olds);
  let young = next(news);
  while (old !== undefined || young !== undefined) {
    const takesOld = old !== undefined && (young === undefined || old.fileID <= young.fileID);
    const takesYoung = young !== undefined && (old === undefined || young.fileID <= old.fileID);
    yield { before: takesOld ? old : undefined, after: takesYoung ? young : undefined };
    if (takesOld) old = next(olds);
    if (takesYoung) young = next(news);
  }
}

function next(entries: Iterator<ManifestEntry>): ManifestEntry | undefined {
  const { done, value } = entries.next();
  return done ? undefined : value;
}
