import type { DatabaseSync } from 'node:sqlite';
import type { Random } from '@rootcellar/core';
import { changeSqliteFile } from '../content/sqlite-file.ts';
import { readWhole } from '../file-system/file-content.ts';
import type { FileContent, NodeAttributes } from '../file-system/phone-file-system.ts';
import type { Phone } from '../phone/phone.ts';

/** One day of somebody's life with a phone. */
export interface Day {
  readonly phone: Pick<Phone, 'files' | 'apps' | 'setApps'>;
  readonly random: Random;
  /** Unix seconds of its evening. */
  readonly at: number;
}

/** Our limit on databases that are changed: they go through memory. */
const DATABASE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Changes a database of the phone as an app would: only the pages that hold changed rows differ.
 *
 * @returns what `change` gives; `undefined` if the phone has no such database
 */
export async function changeDatabase<Result>(
  day: Day,
  path: string,
  change: (db: DatabaseSync) => Result,
): Promise<Result | undefined> {
  const content = day.phone.files.stat(path)?.content;
  if (content === undefined || content.sizeBytes === 0 || content.sizeBytes > DATABASE_BYTES_MAX)
    return undefined;
  const results: Result[] = [];
  const bytes = changeSqliteFile(await readWhole(content), (db) => {
    results.push(change(db));
  });
  rewrite(day, path, bytes);
  return results[0];
}

/** Writes what is there already or is new, in the course of the day. */
export function rewrite(day: Day, path: string, content: Uint8Array | FileContent): void {
  day.phone.files.writeFile(path, content, timesOn(day));
}

/** When a file changes that day. A new one was born then; one that is there keeps its birth. */
export function timesOn({ at, random }: Day): NodeAttributes {
  const modifiedAt = at - random.below(36_000);
  return { modifiedAt, changedAt: modifiedAt };
}

/** The largest number in a column; 0 if there is no row. */
export function lastRow(db: DatabaseSync, table: string, column: string): number {
  return Number(db.prepare(`SELECT max(${column}) AS last FROM ${table}`).get()?.['last'] ?? 0);
}
