import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from './open-store.ts';
import { describeStore } from './store-contract.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-store-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeStore('SQLite', (name) => openStore({ folder: join(folder, name) }));

test('records of a newer program are left alone', async () => {
  const store = await openStore({ folder: join(folder, 'newer') });
  await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('999-tomorrow', '2030')`.execute(store);
  await store.destroy();
  await expect(openStore({ folder: join(folder, 'newer') })).rejects.toMatchObject({
    code: 'hub.store-newer',
  });
});

test('what is no database is told as such', async () => {
  await expect(openStore({ postgres: 'postgres://127.0.0.1:1/none' })).rejects.toMatchObject({
    code: 'hub.store-unreadable',
  });
});
