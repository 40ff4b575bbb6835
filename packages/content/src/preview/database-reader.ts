import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/*
 * The process that reads a foreign database, see `previewDatabase`: its argument is the file, its answer is JSON. It
 * imports nothing of ours, so that it starts the same from source and when built.
 */

const TABLES_MAX = 50;
const COLUMNS_MAX = 40;
const ROWS_MAX = 20;
const CELL_CHARACTERS_MAX = 200;

interface Row {
  readonly [column: string]: unknown;
}

/** Only plain tables and columns that are stored: views and computed columns are programs. */
function readTables(path: string): readonly unknown[] {
  const url = pathToFileURL(path);
  url.search = '?immutable=1&mode=ro';
  const database = new DatabaseSync(url, { readOnly: true, allowExtension: false });
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;');
  const named = database
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all() as readonly Row[];
  const plain = named.filter(
    ({ name, sql }) => typeof name === 'string' && /^CREATE TABLE/i.test(String(sql)),
  );
  return plain.slice(0, TABLES_MAX).map(({ name }) => readTable(database, String(name)));
}

function readTable(database: DatabaseSync, name: string): unknown {
  const columns = (
    database.prepare('SELECT name, hidden FROM pragma_table_xinfo(?)').all(name) as readonly Row[]
  )
    .filter(({ hidden }) => hidden === 0)
    .map((column) => String(column['name']))
    .slice(0, COLUMNS_MAX);
  return { name, columns, rows: columns.length === 0 ? [] : readRows(database, name, columns) };
}

/** A table that cannot be read shows none of its rows; the others are still shown. */
function readRows(database: DatabaseSync, name: string, columns: readonly string[]): readonly unknown[] {
  const cells = columns.map((column) => {
    const quoted = quote(column);
    const words = `CASE typeof(${quoted}) WHEN 'blob' THEN length(${quoted}) || ' bytes' ELSE CAST(${quoted} AS TEXT) END`;
    return `substr(${words}, 1, ${CELL_CHARACTERS_MAX})`;
  });
  try {
    const statement = database.prepare(`SELECT ${cells.join(', ')} FROM ${quote(name)} LIMIT ${ROWS_MAX}`);
    statement.setReturnArrays(true);
    return statement.all().map((row) => Array.from(row as unknown as readonly unknown[], asCell));
  } catch {
    return [];
  }
}

function asCell(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value).toWellFormed();
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

process.stdout.write(JSON.stringify(readTables(process.argv[2] ?? '')));
