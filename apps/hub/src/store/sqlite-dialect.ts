import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { treeError } from '@rootcellar/core';
import { SqliteDialect } from 'kysely';
import { DiskReserve } from './disk-reserve.ts';

/**
 * SQLite as it is built into Node. The one connection is shared: Kysely gives it to one query or transaction at a time,
 * so writers queue. On a full disk it writes into room that was kept for that; when that is used up too, a query fails
 * with `tree.disk-full`.
 *
 * @param path of the file; made if missing
 */
export function sqliteDialect(path: string): SqliteDialect {
  return new SqliteDialect({ database: async () => openDatabase(path) });
}

function openDatabase(path: string) {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  const reserve = new DiskReserve(dirname(path));
  const settings = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;';
  withRoom(database, reserve, () => database.exec(settings));
  const write = <Result>(work: () => Result): Result => {
    const result = withRoom(database, reserve, work);
    reserve.hold();
    return result;
  };
  return {
    close: () => database.close(),
    prepare(sql: string) {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      const given = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) =>
          write(() => statement.all(...given(parameters))).map(withNumbers),
        run: (parameters: readonly unknown[]) => write(() => statement.run(...given(parameters))),
        *iterate(parameters: readonly unknown[]) {
          for (const row of statement.iterate(...given(parameters))) yield withNumbers(row);
        },
      };
    },
  };
}

/** A transaction is not tried again: SQLite may have rolled it back. */
function withRoom<Result>(database: DatabaseSync, reserve: DiskReserve, work: () => Result): Result {
  const { isTransaction } = database;
  try {
    return work();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    const full = treeError('disk-full', {}, error);
    if (!reserve.release() || isTransaction) throw full;
  }
  try {
    return work();
  } catch (error) {
    throw isDiskFull(error) ? treeError('disk-full', {}, error) : error;
  }
}

/** No room for the database or its log, or for what lies in memory beside the log. Source: SQLite, result codes. */
const DISK_FULL: readonly unknown[] = [13, 4874];

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && DISK_FULL.includes(error.errcode);

/** Numbers where they are exact. */
function withNumbers(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? exactNumber(value) : value,
    ]),
  );
}

export function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
