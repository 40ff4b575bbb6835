import { INDEX_BLOBS_MAX, type IndexedPack, saveIndexFile } from '../repository/index-file.ts';
import type { Lock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';

export interface IndexReplacement {
  /** What the new index names. */
  readonly packs: Iterable<IndexedPack>;
  /** Index files that go once the new ones are there. */
  readonly oldIndex: readonly string[];
  /** Index files that were written already and stay. */
  readonly newIndex?: readonly string[];
  readonly lock: Lock;
}

/** Writes a new index, then deletes the old one: in between both are there, which harms nobody. */
export async function replaceIndex(repository: Repository, replacement: IndexReplacement): Promise<void> {
  const { signal } = replacement.lock;
  const kept = new Set(replacement.newIndex ?? []);
  for (const packs of inFiles(replacement.packs))
    kept.add(await saveIndexFile(repository, packs, { signal }));
  await replacement.lock.requireHeld();
  for (const id of replacement.oldIndex) {
    if (!kept.has(id)) await repository.storage.delete(`index/${id}`, { signal });
  }
}

function* inFiles(packs: Iterable<IndexedPack>): Generator<readonly IndexedPack[], void> {
  let file: IndexedPack[] = [];
  let blobs = 0;
  for (const pack of packs) {
    if (blobs > 0 && blobs + pack.blobs.length > INDEX_BLOBS_MAX) {
      yield file;
      file = [];
      blobs = 0;
    }
    file.push(pack);
    blobs += pack.blobs.length;
  }
  if (file.length > 0) yield file;
}
