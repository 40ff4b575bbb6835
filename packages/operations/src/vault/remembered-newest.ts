import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError, minuteWords, treeErrorFor } from '@rootcellar/core';
import type { Repository, Snapshot } from '@rootcellar/vault';
import { z } from 'zod';
import { operationError } from '../errors.ts';
import { isIncomplete } from './phone-vault.ts';
import { removePrivateFile, writePrivateFile } from './private-file.ts';
import { shortID } from './short-id.ts';

/*
 * The newest backup that this computer put into the vault of a phone. When its record is lost, or an older copy of the vault
 * lies in place of it, the one before it is the newest, and nothing in the vault tells. It is remembered by its tree: that stays
 * the same whatever is noted at it, and when its record is found again.
 *
 * That an older one is gone is nobody's mistake: rules of other programs and computers may have removed it.
 */

const ID = z.string().regex(/^[0-9a-f]{64}$/);

const REMEMBERED = z.object({ version: z.literal(1), repository: ID, tree: ID, takenAt: z.iso.datetime() });

type Remembered = z.infer<typeof REMEMBERED>;

const fileOf = (dataFolder: string, udid: string): string =>
  join(dataFolder, 'phones', `${udid}.newest.json`);

/** Whose vault, and which one it is. */
export interface NewestOf {
  readonly dataFolder: string;
  readonly udid: string;
  readonly repository: Repository;
}

/** A backup that is stored is none the worse if this cannot be written. */
export async function rememberNewest(
  { dataFolder, udid, repository }: NewestOf,
  { tree, time }: Pick<Snapshot, 'tree' | 'time'>,
): Promise<void> {
  const before = await readRemembered(dataFolder, udid);
  // A folder that is taken in may be older.
  if (before?.repository === repository.config.id && Date.parse(before.takenAt) > time.getTime()) return;
  const content: Remembered = {
    version: 1,
    repository: repository.config.id,
    tree,
    takenAt: time.toISOString(),
  };
  await writePrivateFile(fileOf(dataFolder, udid), `${JSON.stringify(content)}\n`).catch(unlessOfDisk);
}

/** Its owner has deleted backups. */
export async function forgetNewest(
  { dataFolder, udid, repository }: NewestOf,
  deleted: readonly Pick<Snapshot, 'tree'>[],
): Promise<void> {
  const remembered = await readRemembered(dataFolder, udid);
  if (remembered?.repository !== repository.config.id) return;
  if (deleted.some(({ tree }) => tree === remembered.tree))
    await removePrivateFile(fileOf(dataFolder, udid)).catch(unlessOfDisk);
}

/** The newest backup, which is not where it was. */
export interface MissedNewest {
  readonly takenAt: Date;
  /** As what it was found again, if it was: nobody has proved yet that it is whole. */
  readonly again: Snapshot | undefined;
}

/**
 * Is the newest backup missing in its vault, though nobody deleted it here?
 *
 * @param shown all that is in the vault, the oldest first
 */
export async function missedNewest(
  { dataFolder, udid, repository }: NewestOf,
  shown: readonly Snapshot[],
): Promise<MissedNewest | undefined> {
  const remembered = await readRemembered(dataFolder, udid);
  if (remembered?.repository !== repository.config.id) return undefined;
  const takenAt = new Date(remembered.takenAt);
  const isOver = shown.some(
    (one) => !isIncomplete(one) && (one.tree === remembered.tree || one.time >= takenAt),
  );
  return isOver ? undefined : { takenAt, again: shown.findLast(({ tree }) => tree === remembered.tree) };
}

/** `operation.newest-missed`, `operation.newest-unproved` */
export function newestMissed(udid: string, { takenAt, again }: MissedNewest): KnownError {
  const date = minuteWords(takenAt);
  return again
    ? operationError('newest-unproved', { id: shortID(again.id), takenAt: date })
    : operationError('newest-missed', { udid, takenAt: date });
}

/** What cannot be understood is as good as nothing. */
async function readRemembered(dataFolder: string, udid: string): Promise<Remembered | undefined> {
  const text = await readFile(fileOf(dataFolder, udid), 'utf8').catch(() => '');
  try {
    return REMEMBERED.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function unlessOfDisk(error: unknown): void {
  if (!(treeErrorFor(error) instanceof KnownError)) throw error;
}
