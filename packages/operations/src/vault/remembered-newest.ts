import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError, minuteWords, treeErrorFor } from '@rootcellar/core';
import type { Repository, Snapshot } from '@rootcellar/vault';
import { z } from 'zod';
import { operationError } from '../errors.ts';
import { isIncomplete, snapshotsToShow } from './phone-vault.ts';
import { removePrivateFile, writePrivateFile } from './private-file.ts';
import { shortID } from './short-id.ts';

/*
 * The newest backup that this computer has put into the vault of a phone, or has left there. When its record is lost, or an older
 * copy of the vault lies in place of it, the one before it is the newest, and nothing in the vault tells. It is remembered by its
 * tree: that stays the same whatever is noted at it, and when its record is found again. If it is still gone when there is a newer
 * one, it is missed until somebody looks for it.
 *
 * That another one is gone is nobody's mistake: rules of other programs and computers may have removed it. No rule removes the
 * newest.
 */

const ID = z.string().regex(/^[0-9a-f]{64}$/);

const REMEMBERED_BACKUP = z.object({ tree: ID, takenAt: z.iso.datetime() });

const REMEMBERED = z.object({
  version: z.literal(1),
  repository: ID,
  newest: REMEMBERED_BACKUP,
  missed: z.array(REMEMBERED_BACKUP),
});

type RememberedBackup = z.infer<typeof REMEMBERED_BACKUP>;

type Remembered = Pick<z.infer<typeof REMEMBERED>, 'newest' | 'missed'>;

/** Whose vault, and which one it is. */
export interface VaultOfPhone {
  readonly dataFolder: string;
  readonly udid: string;
  readonly repository: Repository;
}

/** A backup that was the newest of a phone, and is not where it was though this computer did not delete it. */
export interface MissedBackup {
  readonly udid: string;
  readonly takenAt: Date;
  /** Or is there a newer one? */
  readonly isNewest: boolean;
  /** As what it was found again, if it was: nobody knows yet whether it is whole. */
  readonly again: Snapshot | undefined;
}

/**
 * The phone has made a backup: it is the newest, also if the clock says otherwise. Called before what is left of it elsewhere
 * goes; the backup is none the worse if this cannot be written.
 */
export async function rememberNewest(vault: VaultOfPhone, snapshot: Snapshot): Promise<void> {
  const before = await readRemembered(vault);
  const others = before ? await shownWithout(vault, [snapshot]) : [];
  await write(vault, { newest: asRemembered(snapshot), missed: before ? goneOf(before, others) : [] });
}

/** A backup was taken in from a folder: it may be older than others. */
export async function rememberImported(vault: VaultOfPhone, snapshot: Snapshot): Promise<void> {
  const before = await readRemembered(vault);
  if (before === undefined || new Date(before.newest.takenAt) <= snapshot.time)
    await rememberNewest(vault, snapshot);
}

/** Backups go, or count for nothing, because their owner wants it: what is the newest without them is the newest. */
export async function rememberWithout(vault: VaultOfPhone, unwanted: readonly Snapshot[]): Promise<void> {
  const before = await readRemembered(vault);
  if (before === undefined || unwanted.every(({ tree }) => tree !== before.newest.tree)) return;
  const left = await shownWithout(vault, unwanted);
  const finished = left.filter((one) => !isIncomplete(one));
  // The same backup may have been taken in twice.
  if (finished.some(({ tree }) => tree === before.newest.tree)) return;
  await writeNewest(vault, finished, before.missed);
}

/** When the backups were made that are missed and of which nothing is left: from now on nobody looks for them. */
export async function giveUpMissed(vault: VaultOfPhone): Promise<readonly Date[]> {
  const before = await readRemembered(vault);
  if (before === undefined) return [];
  const shown = await shownWithout(vault, []);
  const gone = goneOf(before, shown);
  if (gone.length === 0) return [];
  const finished = shown.filter((one) => !isIncomplete(one));
  if (gone.includes(before.newest)) await writeNewest(vault, finished, []);
  else await write(vault, { ...before, missed: [] });
  return gone.map(({ takenAt }) => new Date(takenAt));
}

export interface LookOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onUnreadable?: (recordID: string) => void;
}

/** What is in a vault, as `snapshotsToShow` gives it; and which backups are missed there? */
export async function lookForMissed(
  vault: VaultOfPhone,
  { signal, onUnreadable }: LookOptions = {},
): Promise<{ readonly shown: readonly Snapshot[]; readonly missed: readonly MissedBackup[] }> {
  // Before the list: what a run stores meanwhile is in the list.
  const remembered = await readRemembered(vault);
  const shown = await snapshotsToShow(vault.repository, vault.udid, signal, onUnreadable);
  if (remembered === undefined) return { shown, missed: [] };
  const { udid } = vault;
  const { newest, missed } = remembered;
  const all = isMissed(newest, shown) ? [newest, ...stillGone(missed, shown)] : stillGone(missed, shown);
  return {
    shown,
    missed: all.map((one) => ({
      udid,
      takenAt: new Date(one.takenAt),
      isNewest: one === newest,
      again: shown.findLast(({ tree }) => tree === one.tree),
    })),
  };
}

/** When a backup was made of which nothing is left but its tree, if that is remembered. */
export async function rememberedTimes(vault: VaultOfPhone): Promise<(tree: string) => Date | undefined> {
  const remembered = await readRemembered(vault);
  const all = remembered ? [remembered.newest, ...remembered.missed] : [];
  const times = new Map(all.map(({ tree, takenAt }) => [tree, new Date(takenAt)]));
  return (tree) => times.get(tree);
}

/** `operation.newest-missed`, `operation.newest-unproved` */
export function missedError({ udid, takenAt, again }: MissedBackup): KnownError {
  const date = minuteWords(takenAt);
  return again
    ? operationError('newest-unproved', { id: shortID(again.id), takenAt: date })
    : operationError('newest-missed', { udid, takenAt: date });
}

/** One that was found again stays missed as the newest until it is known to be whole, or a newer one is. */
function isMissed({ tree, takenAt }: RememberedBackup, shown: readonly Snapshot[]): boolean {
  const since = new Date(takenAt);
  return shown.every((one) => isIncomplete(one) || (one.tree !== tree && one.time < since));
}

function stillGone(
  missed: readonly RememberedBackup[],
  shown: readonly Snapshot[],
): readonly RememberedBackup[] {
  return missed.filter(({ tree }) => shown.every((one) => one.tree !== tree));
}

/** Of all that is remembered, what is missed and nowhere in the list. */
function goneOf({ newest, missed }: Remembered, shown: readonly Snapshot[]): readonly RememberedBackup[] {
  return stillGone(isMissed(newest, shown) ? [newest, ...missed] : missed, shown);
}

async function shownWithout(
  { repository, udid }: VaultOfPhone,
  without: readonly Snapshot[],
): Promise<readonly Snapshot[]> {
  const shown = await snapshotsToShow(repository, udid);
  return shown.filter(({ id }) => without.every((one) => one.id !== id));
}

const asRemembered = ({ tree, time }: Snapshot): RememberedBackup => ({ tree, takenAt: time.toISOString() });

const fileOf = ({ dataFolder, udid }: VaultOfPhone): string =>
  join(dataFolder, 'phones', `${udid}.newest.json`);

/** What cannot be understood, or is of another vault, is as good as nothing. */
async function readRemembered(vault: VaultOfPhone): Promise<Remembered | undefined> {
  const text = await readFile(fileOf(vault), 'utf8').catch(() => '');
  try {
    const { repository, ...remembered } = REMEMBERED.parse(JSON.parse(text));
    return repository === vault.repository.config.id ? remembered : undefined;
  } catch {
    return undefined;
  }
}

/** @param finished the oldest first; if there is none, there is nothing to remember */
async function writeNewest(
  vault: VaultOfPhone,
  finished: readonly Snapshot[],
  missed: readonly RememberedBackup[],
): Promise<void> {
  const newest = finished.at(-1);
  if (newest) await write(vault, { newest: asRemembered(newest), missed: [...missed] });
  else await removePrivateFile(fileOf(vault)).catch(unlessOfDisk);
}

async function write(
  vault: VaultOfPhone,
  { newest, missed }: { readonly newest: RememberedBackup; readonly missed: readonly RememberedBackup[] },
): Promise<void> {
  const repository = vault.repository.config.id;
  const content: z.input<typeof REMEMBERED> = { version: 1, repository, newest, missed: [...missed] };
  await writePrivateFile(fileOf(vault), `${JSON.stringify(content)}\n`).catch(unlessOfDisk);
}

function unlessOfDisk(error: unknown): void {
  if (!(treeErrorFor(error) instanceof KnownError)) throw error;
}
