import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError, minuteWords, treeErrorFor } from '@rootcellar/core';
import type { Repository, Snapshot } from '@rootcellar/vault';
import { z } from 'zod';
import { operationError } from '../errors.ts';
import { isIncomplete, newestFinished, snapshotsToShow } from './phone-vault.ts';
import { removePrivateFile, writePrivateFile } from './private-file.ts';
import { shortID } from './short-id.ts';

/*
 * The newest backup that this computer has put into the vault of a phone, or has left there. When its record is lost, or an older
 * copy of the vault lies in place of it, the one before it is the newest, and nothing in the vault tells. It is remembered by its
 * tree: that stays the same whatever is noted at it, and when its record is found again. If it is still gone when there is a newer
 * one, it is missed until it is found, or its owner accepts that it is gone.
 *
 * That another one is gone is nobody's mistake: rules of other programs and computers may have removed it. No rule removes the
 * newest.
 */

const ID = z.string().regex(/^[0-9a-f]{64}$/);

const REMEMBERED_BACKUP = z.object({ tree: ID, takenAt: z.iso.datetime() });

const REMEMBERED = z.object({
  version: z.literal(1),
  repository: ID,
  /** There is none if all that are left are missed. */
  newest: REMEMBERED_BACKUP.optional(),
  missed: z.array(REMEMBERED_BACKUP),
});

type RememberedBackup = z.infer<typeof REMEMBERED_BACKUP>;

/** What is remembered of one vault. */
interface Remembered {
  readonly newest?: RememberedBackup | undefined;
  readonly missed: readonly RememberedBackup[];
}

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
 * The phone has made a backup, which is remembered in place of the one before. Called before what is left of it elsewhere goes; the
 * backup is none the worse if this cannot be written.
 */
export async function rememberNewest(vault: VaultOfPhone, snapshot: Snapshot): Promise<void> {
  const before = await readRemembered(vault);
  const others = before ? await shownWithout(vault, [snapshot]) : [];
  const missed = before ? goneOf(before, others) : [];
  await write(vault, { newest: asRemembered(snapshot), missed }).catch(unlessOfDisk);
}

/** A backup was taken in from a folder: it may be older than others. */
export async function rememberImported(vault: VaultOfPhone, snapshot: Snapshot): Promise<void> {
  const newest = (await readRemembered(vault))?.newest;
  if (newest === undefined || new Date(newest.takenAt) <= snapshot.time)
    await rememberNewest(vault, snapshot);
}

/**
 * Backups go, or count for nothing, because their owner wants it: none of them is missed, and what is the newest without them is the
 * newest. If that cannot be written, nothing is remembered: a full disk is no reason to keep what is to go.
 */
export async function rememberWithout(vault: VaultOfPhone, unwanted: readonly Snapshot[]): Promise<void> {
  const before = await readRemembered(vault);
  if (before === undefined) return;
  const left = await shownWithout(vault, unwanted);
  const finished = left.filter((one) => !isIncomplete(one));
  // The same backup may have been taken in twice.
  const isGone = isOneOf(unwanted, before.newest) && !isOneOf(finished, before.newest);
  const last = finished.at(-1);
  await write(vault, {
    newest: isGone ? last && asRemembered(last) : before.newest,
    missed: stillGone(before.missed, [...left, ...unwanted]),
  }).catch(() => removePrivateFile(fileOf(vault)).catch(unlessOfDisk));
}

/**
 * What is in the vault is all there is: nobody looks any more for what is missed.
 *
 * @returns when the missed ones were made
 * @throws `tree.*` if it cannot be written
 */
export async function acceptMissed(vault: VaultOfPhone): Promise<readonly Date[]> {
  const { shown, missed } = await lookForMissed(vault);
  if (missed.length === 0) return [];
  const last = newestFinished(shown);
  await write(vault, { newest: last && asRemembered(last), missed: [] }).catch((error: unknown) => {
    throw treeErrorFor(error);
  });
  return missed.map(({ takenAt }) => takenAt);
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
  const before = await readRemembered(vault);
  const shown = await snapshotsToShow(vault.repository, vault.udid, signal, onUnreadable);
  if (before === undefined || missedOf(before, shown).length === 0) return { shown, missed: [] };
  // And after it: what was deleted meanwhile is remembered no longer.
  const remembered = (await readRemembered(vault)) ?? before;
  const missed = missedOf(remembered, shown).map((one) => ({
    udid: vault.udid,
    takenAt: new Date(one.takenAt),
    isNewest: one === remembered.newest,
    again: shown.findLast(({ tree }) => tree === one.tree),
  }));
  return { shown, missed };
}

/** When a backup was made of which nothing is left but its tree, if that is remembered. */
export async function rememberedTimes(vault: VaultOfPhone): Promise<(tree: string) => Date | undefined> {
  const remembered = await readRemembered(vault);
  const all = remembered ? [remembered.newest ?? [], remembered.missed].flat() : [];
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

/** One that was found again stays missed as the newest until it is known to be whole, or a newer one is there. */
function missedOf({ newest, missed }: Remembered, shown: readonly Snapshot[]): readonly RememberedBackup[] {
  const gone = stillGone(missed, shown);
  return newest && isMissed(newest, shown) ? [newest, ...gone] : gone;
}

function isMissed({ tree, takenAt }: RememberedBackup, shown: readonly Snapshot[]): boolean {
  const since = new Date(takenAt);
  return shown.every((one) => isIncomplete(one) || (one.tree !== tree && one.time < since));
}

/** Of all that is missed, what is nowhere in the list. */
function goneOf(remembered: Remembered, shown: readonly Snapshot[]): readonly RememberedBackup[] {
  return stillGone(missedOf(remembered, shown), shown);
}

function stillGone(
  missed: readonly RememberedBackup[],
  shown: readonly Snapshot[],
): readonly RememberedBackup[] {
  return missed.filter((one) => !isOneOf(shown, one));
}

function isOneOf(snapshots: readonly Snapshot[], backup: RememberedBackup | undefined): boolean {
  return snapshots.some(({ tree }) => tree === backup?.tree);
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

async function write(vault: VaultOfPhone, { newest, missed }: Remembered): Promise<void> {
  const repository = vault.repository.config.id;
  const content: z.input<typeof REMEMBERED> = { version: 1, repository, newest, missed: [...missed] };
  await writePrivateFile(fileOf(vault), `${JSON.stringify(content)}\n`);
}

function unlessOfDisk(error: unknown): void {
  if (!(treeErrorFor(error) instanceof KnownError)) throw error;
}
