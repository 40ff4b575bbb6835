import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** A column as `CREATE TABLE` has it, and the systems that have the column. */
export interface Column {
  readonly sql: string;
  readonly since?: number;
  /** The first system without it. */
  readonly until?: number;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly (string | Column)[];
  /** After the columns: a key over several of them. */
  readonly key?: string;
  readonly since?: number;
  readonly until?: number;
}

/** Columns that came with a system. Major version, and minor as hundredths: 17.06 is 17.6. */
export function since(system: number, ...columns: readonly string[]): readonly Column[] {
  return columns.map((sql) => ({ sql, since: system }));
}

/** Columns that a system no longer has. */
export function until(system: number, ...columns: readonly string[]): readonly Column[] {
  return columns.map((sql) => ({ sql, until: system }));
}

export type Row = Readonly<Record<string, SQLInputValue>>;

/** Adds a row; values for columns that this database does not have are left out. @returns its number */
export type Insert = (table: string, row: Row) => number;

/** Makes the tables as `system` has them. */
export function createTables(db: DatabaseSync, tables: readonly Table[], system: number): Insert {
  for (const table of tables) {
    if (!holds(table, system)) continue;
    const columns = table.columns.filter((column) => typeof column === 'string' || holds(column, system));
    const lines = columns.map((column) => (typeof column === 'string' ? column : column.sql));
    db.exec(`CREATE TABLE ${table.name} (${[...lines, ...(table.key ? [table.key] : [])].join(', ')})`);
  }
  return inserter(db, tables);
}

/**
 * Adds rows to a database that is there, whatever system made it.
 *
 * The insert throws for a column that no system has: that is a spelling mistake of ours.
 */
export function inserter(db: DatabaseSync, tables: readonly Table[]): Insert {
  const known = new Map(tables.map((table) => [table.name, new Set(table.columns.map(nameOf))]));
  const present = new Map<string, ReadonlySet<string>>();
  const statements = new Map<string, { readonly run: StatementSync; readonly names: readonly string[] }>();
  return (table, row) => {
    const wanted = Object.keys(row);
    const shape = `${table}(${wanted.join()})`;
    let statement = statements.get(shape);
    if (statement === undefined) {
      const strange = wanted.find((name) => known.get(table)?.has(name) !== true);
      if (strange !== undefined) throw new RangeError(`No system has ${table}.${strange}`);
      const columns = present.get(table) ?? columnsOf(db, table);
      present.set(table, columns);
      const names = wanted.filter((name) => columns.has(name));
      const marks = names.map(() => '?').join();
      const run = db.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${marks})`);
      statement = { run, names };
      statements.set(shape, statement);
    }
    const values = statement.names.map((name) => row[name] ?? null);
    return Number(statement.run.run(...values).lastInsertRowid);
  };
}

/** The columns that a table of this database has; none if there is no such table. */
export function columnsOf(db: DatabaseSync, table: string): ReadonlySet<string> {
  return new Set(
    db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map((column) => String(column['name'])),
  );
}

function holds(part: { readonly since?: number; readonly until?: number }, system: number): boolean {
  return (part.since ?? 0) <= system && system < (part.until ?? Number.POSITIVE_INFINITY);
}

function nameOf(column: string | Column): string {
  return (typeof column === 'string' ? column : column.sql).split(' ')[0] ?? '';
}
