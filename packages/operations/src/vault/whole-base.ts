import { damagedAt, isGivenUp, lacksPacks, type Snapshot, unreadableAt } from '@rootcellar/vault';
import type { CommitOptions } from '../back-up-device/backup-target.ts';
import { finishedSnapshots, type PhoneVault, requireThere } from './phone-vault.ts';
import { salvageBackups } from './salvage-vault.ts';

export interface WholeBase {
  /** `undefined` if there is none. */
  readonly base: Snapshot | undefined;
  /** Or is there a newer one, which is damaged? */
  readonly isNewest: boolean;
}

/**
 * The newest finished backup that no check has found damaged: what a new one is built on. On a damaged one it would
 * carry the damage on, unseen. A phone compares itself with the list of files that it is shown, so an older one will do.
 * Source: observed §1.5; where there is none, it sends everything.
 */
export async function newestWhole(vault: PhoneVault, signal?: AbortSignal): Promise<WholeBase> {
  const finished = await finishedSnapshots(vault, signal);
  const base = finished.findLast((one) => damagedAt(one) === undefined);
  return { base, isNewest: base === finished.at(-1) };
}

/**
 * Where a check found that the vault lacks something since this was called last, or packs are gone: reads the whole vault, and
 * lets the index forget what is lost. Else a new backup that has the same content would be taken to be stored already. No pack is
 * deleted: nobody has asked for that, and it may be the cable.
 *
 * @throws `vault.not-there`, as `salvageBackups`
 */
export async function giveUpDamaged(
  vault: PhoneVault,
  { onProgress, signal }: Pick<CommitOptions, 'signal' | 'onProgress'>,
): Promise<void> {
  const { contents } = vault;
  const finished = await finishedSnapshots(vault, signal);
  const isKnown = finished.some((one) => unreadableAt(one) !== undefined && !isGivenUp(one));
  if (!isKnown && !(await lacksPacks(contents, { signal }))) return;
  await requireThere(vault, signal);
  // What is whole of a damaged backup can be read from it as before; a copy of it would only make lists longer.
  const options = { keepParts: false, keepsFiles: true, onProgress, signal };
  await salvageBackups(contents, options);
  await contents.refresh({ signal });
}
