import {
  type CheckReport,
  isGivenUp,
  listSnapshots,
  type Repository,
  retagSnapshot,
  type Snapshot,
  tagsDamaged,
  tagsGivenUp,
  tagsNamedAgain,
  tagsReadable,
  unreadableAt,
  type VaultFindingCode,
} from '@rootcellar/vault';
import { isIncomplete } from './phone-vault.ts';

const PACK_DAMAGES: ReadonlySet<VaultFindingCode> = new Set([
  'pack-damaged',
  'pack-size-wrong',
  'pack-missing',
]);

/** @returns the ids of the packs that a check found damaged, or gone */
export function damagedPacks({ findings }: Pick<CheckReport, 'findings'>): ReadonlySet<string> {
  return new Set(findings.filter(({ code }) => PACK_DAMAGES.has(code)).map(({ id }) => id));
}

/**
 * Writes down at each backup what a check of the vault has found: what is damaged is called so until every byte of it was
 * read and found whole. What a verification has found wrong in a backup itself stays: here, nobody looked at that. Where the index has to be repaired first, nothing is known, and nothing written.
 *
 * @param options.isGivenUp the index no longer names what is lost
 */
export async function noteDamage(
  repository: Repository,
  report: CheckReport,
  options: { readonly isGivenUp?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { damagedSnapshots, mendedSnapshots, isIndexIncomplete } = report;
  if (isIndexIncomplete || damagedSnapshots.length + mendedSnapshots.length === 0) return;
  const { signal } = options;
  const recordedAt = new Date();
  const isNew = damagedPacks(report).size > 0;
  const tagsFor = (snapshot: Snapshot): readonly string[] | undefined => {
    if (mendedSnapshots.includes(snapshot.id)) return tagsReadable(snapshot);
    // What is left of a damaged one is called incomplete already.
    if (!damagedSnapshots.includes(snapshot.id) || isIncomplete(snapshot)) return undefined;
    const wasGivenUp = isGivenUp(snapshot);
    if (options.isGivenUp) return wasGivenUp && !isNew ? undefined : tagsGivenUp(snapshot, recordedAt);
    const isKnown = unreadableAt(snapshot) !== undefined && !(isNew && wasGivenUp);
    return isKnown ? undefined : tagsDamaged(snapshot, recordedAt);
  };
  for (const snapshot of await listSnapshots(repository, { signal, onDamaged: () => {} })) {
    const tags = tagsFor(snapshot);
    if (tags) await retagSnapshot(repository, snapshot, tags, { recordedAt, signal });
  }
}

/** An index may name again what had been given up: the next backup looks for what is lost once more. */
export async function noteNamedAgain(
  repository: Repository,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  for (const snapshot of await listSnapshots(repository, { signal, onDamaged: () => {} })) {
    if (!isGivenUp(snapshot)) continue;
    await retagSnapshot(repository, snapshot, tagsNamedAgain(snapshot), { recordedAt: new Date(), signal });
  }
}
