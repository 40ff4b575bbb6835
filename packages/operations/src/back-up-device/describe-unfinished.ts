import { countWords, type KnownError, saysDamage, sizeWords } from '@rootcellar/core';
import type { FailureMeaning } from '../run-operation.ts';
import { shortID } from '../vault/short-id.ts';
import type { UnfinishedBackup } from './backup-target.ts';
import type { LeftUnfinished } from './staging-area.ts';

/** What a backup that did not finish means: what is still there, and what the next run finds. */
export async function describeUnfinished(
  folder: UnfinishedBackup,
  state: {
    /** When the earlier backup was finished, if there is one and it says so. */
    readonly earlierAt: Date | undefined;
    /** Id of the incomplete snapshot that has what arrived. */
    readonly keptAs: string | undefined;
    readonly error: KnownError | undefined;
  },
): Promise<FailureMeaning> {
  if (folder.isCommitted) {
    return {
      dataState: 'earlier-snapshots-intact',
      yourData: 'The new backup is whole, but could not be put in its place yet. Nothing is lost.',
      next: 'Run the backup again: it completes that first.',
    };
  }
  const full = state.error?.code === 'mobilebackup2.computer-full';
  if (full && folder.resumed) await folder.discardUnfinished().catch(() => {});
  const left = await folder.leaveUnfinished().catch(() => undefined);
  const neededBytes = Number(state.error?.details['neededBytes'] ?? 0);
  return {
    dataState: 'earlier-snapshots-intact',
    yourData: earlierWords(folder, state) + keptWords(left) + (state.keptAs ? incomplete(state.keptAs) : ''),
    ...(full &&
      neededBytes > 0 && {
        next: `Free ${sizeWords(neededBytes)} or choose another disk, then run it again.`,
      }),
  };
}

/** What is damaged where backups are kept may be a part of an earlier one. */
function earlierWords(
  { hasEarlier }: UnfinishedBackup,
  { earlierAt, error }: { readonly earlierAt: Date | undefined; readonly error: KnownError | undefined },
): string {
  if (!hasEarlier) return 'There is no finished backup yet.';
  const date = earlierAt ? ` of ${dateWords(earlierAt)}` : '';
  return saysDamage(error)
    ? `Whether your backup${date} is whole is not known now; nothing of it was changed.`
    : `Your backup${date} is intact.`;
}

/** A phone whose first backup was interrupted sends everything again. Source: observed §1.6. */
function keptWords(left: LeftUnfinished | undefined): string {
  if (left === undefined || left.files === 0) return ' Of the unfinished one nothing was kept.';
  const what = `${countWords(left.files, 'file')} (${sizeWords(left.bytes)})`;
  return left.beginsAnew
    ? ` Of the unfinished one ${what} had arrived; an iPhone begins its first backup anew, so the next run receives everything again.`
    : ` Of the unfinished one ${what} ${left.files === 1 ? 'stays' : 'stay'} here for the next run.`;
}

function incomplete(id: string): string {
  return ` What arrived is kept as an incomplete backup (${shortID(id)}), from which files can be extracted.`;
}

/** "3 May 2026, 14:05", in the reader's time zone. */
export function dateWords(date: Date): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' }).format(date);
}
