import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiskReserve } from './disk-reserve.ts';
import { openStore } from './open-store.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-reserve-'));
  file = join(folder, 'reserve');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('room on the disk that is kept for the records', () => {
  test('is given back once, and taken again after a while', async () => {
    const reserve = new DiskReserve(folder);
    reserve.hold(0);
    expect((await stat(file)).size).toBe(1024 * 1024);
    expect(reserve.release()).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect(reserve.release()).toBe(false);
    reserve.hold(59_000);
    expect(existsSync(file)).toBe(false);
    reserve.hold(60_000);
    expect(existsSync(file)).toBe(true);
  });

  test('is given back by a hub that finds it, and not taken twice', async () => {
    new DiskReserve(folder).hold(0);
    const before = await stat(file);
    const reserve = new DiskReserve(folder);
    reserve.hold(0);
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
    expect(reserve.release()).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  test('is taken anew where a hub that died has left a part of it', async () => {
    await writeFile(file, 'x');
    new DiskReserve(folder).hold(0);
    expect((await stat(file)).size).toBe(1024 * 1024);
  });

  test('that cannot be taken harms nothing that was written', async () => {
    await mkdir(join(file, 'in-the-way'), { recursive: true });
    const reserve = new DiskReserve(folder);
    reserve.hold(0);
    expect(reserve.release()).toBe(false);
    const store = await openStore({ folder });
    await store.destroy();
  });

  test('is used when the database is full, and then that is told as what it is', async () => {
    const store = await openStore({ folder });
    expect(existsSync(file)).toBe(true);
    const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(store);
    await sql`PRAGMA max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(store);
    const row = { id: 'a', person_id: 'x'.repeat(100_000), used_at: 1 };
    const written = store.insertInto('sessions').values(row).execute();
    await expect(written).rejects.toMatchObject({ code: 'tree.disk-full' });
    expect(existsSync(file)).toBe(false);
    await store.destroy();
  });
});
