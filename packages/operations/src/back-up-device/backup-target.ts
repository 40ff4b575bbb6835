import type { BackupKeys, FileIDSet } from '@rootcellar/backup';
import type { WritableTree } from '@rootcellar/core';
import type { LeftUnfinished } from './staging-area.ts';

/** Where the backups of a device go: a plain folder, a vault. */
export interface BackupTarget {
  /** Refuses what cannot be backed up into. Changes nothing. */
  check(): Promise<void>;
  /**
   * Completes what an earlier run had no time to. Needs no phone. Whatever it throws, no finished backup is lost.
   *
   * @param options.full everything is sent again: what can never be completed, because what it is built on is damaged,
   *   may be given up
   */
  complete(
    udid: string,
    options: Pick<CommitOptions, 'onProgress' | 'signal'> & { readonly full: boolean },
  ): Promise<void>;
  /**
   * Before all else: where a check found what is kept damaged, it no longer counts as being there, and no backup is built on
   * it, so that what is sent mends it. Deletes no backup, and brings none back that was deleted. If damage was found since the
   * last time, or something is gone, it reads all that is kept. Places that keep nothing twice have no such method.
   *
   * @param options.onProgress called with what was read
   */
  giveUpDamaged?(udid: string, options: Pick<CommitOptions, 'onProgress' | 'signal'>): Promise<void>;
  /** What can still be written where a backup is received. */
  freeBytes(): Promise<number>;
  /** Opens it to back up into, after `complete`; resumes what an earlier run has left. */
  open(options: OpenTargetOptions): Promise<UnfinishedBackup>;
}

export interface OpenTargetOptions {
  readonly udid: string;
  /** Of this run of the machine: what was received before a restart may be hollow. */
  readonly bootID: string;
  readonly startedAt: Date;
}

/** A backup that is being made. What was finished before stays as it is until `commit`. */
export interface UnfinishedBackup {
  /** As the phone sees it: one folder, named by the UDID. */
  readonly served: WritableTree;
  /** The same without that outer folder. */
  readonly device: WritableTree;
  /** Does it go on where an interrupted run stopped? */
  readonly resumed: boolean;
  /** Is there a backup from before that the phone goes on from? */
  readonly hasEarlier: boolean;
  /** Is there a newer one, which a check found damaged, so that the phone does not go on from that? */
  readonly passesOverDamaged?: boolean;
  /** Makes the new backup the one that counts. When it returns, a power cut cannot undo it. */
  commit(options: CommitOptions): Promise<Committed>;
  /** Is the new backup written down as the one that counts? */
  readonly isCommitted: boolean;
  /** FileIDs of all files that were sent or moved since the earlier backup. */
  newFileIDs(): Promise<FileIDSet>;
  /**
   * Keeps what arrived although it is not whole, if there is no finished backup beside it. The unfinished one stays.
   * Places that cannot do that have no such method.
   *
   * @returns the id of an incomplete snapshot; `undefined` where there is no need or no room
   */
  keepIncomplete?(options: Pick<CommitOptions, 'signal'>): Promise<string | undefined>;
  /** Gives up what a run that did not finish has left: it takes the room that the next one needs. */
  discardUnfinished(): Promise<void>;
  /** What a run that did not finish has left. If that is nothing, nothing of it remains on the disk. */
  leaveUnfinished(): Promise<LeftUnfinished>;
}

export interface CommitOptions {
  /** Of the files that are put away. */
  readonly onProgress: (sofar: { readonly files: number; readonly bytes: number }) => void;
  readonly signal: AbortSignal | undefined;
  /** Of an encrypted backup, if its password is known: a vault may keep it decrypted, and smaller. */
  readonly keys?: BackupKeys | undefined;
  /** Everything was sent again, because what is there is not trusted: prove that all of it can be read where it is kept. */
  readonly full?: boolean | undefined;
}

/** How a finished backup can be named. */
export interface Committed {
  /** Id of the snapshot; none in a plain folder. */
  readonly snapshot: string | undefined;
}
