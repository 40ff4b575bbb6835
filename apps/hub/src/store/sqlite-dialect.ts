import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteDialect } from 'kysely';

/**
 * SQLite as it is built into Node. The one connection is shared: Kysely gives it to one query or transaction at a time,
 * so writers queue.
 *
 * @param path of the file; made if missing
 */
export function sqliteDialect(path: string): SqliteDialect {
  return new SqliteDialect({ database: async () => openDatabase(path) });
}

function openDatabase(path: string) {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  return {
    close: () => database.close(),
    prepare(sql: string) {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      const given = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...given(parameters)).map(withNumbers),
        run: (parameters: readonly unknown[]) => statement.run(...given(parameters)),
        *iterate(parameters: readonly unknown[]) {
          for (const row of statement.iterate(...given(parameters))) yield withNumbers(row);
        },
      };
    },
  };
}

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
