import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The bytes of a database that `build` has filled: the same statements give the same bytes. */
export function sqliteFile(build: (db: DatabaseSync) => void): Uint8Array {
  return changed(undefined, build);
}

/** The bytes after `change`. Pages that it does not touch stay as they are. */
export function changeSqliteFile(bytes: Uint8Array, change: (db: DatabaseSync) => void): Uint8Array {
  return changed(bytes, change);
}

/** A database needs a file of this computer; nobody else sees it, so it need not survive a crash. */
function changed(bytes: Uint8Array | undefined, change: (db: DatabaseSync) => void): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'phone-content-'));
  const path = join(folder, 'content.db');
  try {
    if (bytes !== undefined) writeFileSync(path, bytes);
    const db = new DatabaseSync(path);
    try {
      db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN');
      change(db);
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
  return Math.floor(date.getTime() / 1000) - COCOA_EPOCH;
}

/** Seconds from 1970 to 2001. */
export const COCOA_EPOCH = 978_307_200;

/** A random identifier in the form of a UUID. */
export function inventUuid(random: { bytes(count: number): Uint8Array }): string {
  const hex = Buffer.from(random.bytes(16)).toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
