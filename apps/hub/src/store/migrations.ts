import { type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';

/** Once released, a migration never changes: the next change is another one. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-people-devices-jobs': { up: firstTables },
};

export const migrationProvider: MigrationProvider = { getMigrations: async () => ({ ...MIGRATIONS }) };

async function firstTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('people')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('password', 'text')
    .addColumn('is_operator', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('devices')
    .addColumn('udid', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text')
    .addColumn('told', 'text', (column) => column.notNull())
    .addColumn('settings', 'text')
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('automatic_at', 'bigint')
    .execute();
  await createJobs(db);
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('jobs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('udid', 'text', (column) => column.notNull())
    .addColumn('owner_id', 'text', (column) => column.notNull())
    .addColumn('device_name', 'text', (column) => column.notNull())
    .addColumn('backup', 'text')
    .addColumn('started_by', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('progress', 'text', (column) => column.notNull())
    .addColumn('result', 'text')
    .addColumn('error', 'text')
    .addColumn('your_data', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('lease_owner', 'text', (column) => column.notNull())
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .execute();
  // One job per phone at a time: the database itself refuses a second.
  await sql`CREATE UNIQUE INDEX jobs_at_work ON jobs (udid) WHERE ended_at IS NULL`.execute(db);
  await db.schema.createIndex('jobs_by_time').on('jobs').columns(['created_at', 'id']).execute();
}
