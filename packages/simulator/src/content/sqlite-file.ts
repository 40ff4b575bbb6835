import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The bytes of a database that `build` has filled: the same statements give the same bytes. */
export function sqliteFile(build: (db: DatabaseSync) => void): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'phone-content-'));
  const path = join(folder, 'content.db');
  try {
    const db = new DatabaseSync(path);
    try {
      db.exec('BEGIN');
      build(db);
      db.exec('COMMIT');
    } finally {
      db.close();
    }
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds from 2001 on, as most of Apple's databases count. */
export function cocoaSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) - 978_307_200;
}
