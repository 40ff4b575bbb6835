import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { hubError } from '../errors.ts';
import { migrationProvider } from './migrations.ts';
import type { Store, StoreSchema } from './schema.ts';
import { exactNumber, sqliteDialect } from './sqlite-dialect.ts';

/** A file beside the backups, or a PostgreSQL server by its address. */
export type StorePlace = { readonly folder: string } | { readonly postgres: string };

/** PostgreSQL's number of the type `bigint`. Source: pg_type.dat. */
const INT8 = 20;

/**
 * Opens the records of the hub, and brings them up to date.
 * @throws `hub.store-unreadable`, `hub.store-newer`
 */
export async function openStore(place: StorePlace): Promise<Store> {
  const store = new Kysely<StoreSchema>({ dialect: await dialectOf(place) });
  try {
    const migrator = new Migrator({ db: store, provider: migrationProvider });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw asStoreError(error);
    return store;
  } catch (error) {
    await store.destroy().catch(() => {});
    throw asStoreError(error);
  }
}

async function dialectOf(place: StorePlace): Promise<Dialect> {
  if ('postgres' in place) return new PostgresDialect({ pool: postgresPool(place.postgres) });
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  return sqliteDialect(join(place.folder, 'hub.sqlite'));
}

function postgresPool(connectionString: string): pg.Pool {
  const types: pg.CustomTypesConfig = {
    getTypeParser: (oid, format) =>
      oid === INT8 ? (text: string) => exactNumber(BigInt(text)) : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({ connectionString, max: 8, connectionTimeoutMillis: 10_000, types });
  // A server that restarts ends idle connections; the next query opens another.
  pool.on('error', () => {});
  return pool;
}

function asStoreError(error: unknown): unknown {
  if (hubError.matches(error)) return error;
  const isNewer = error instanceof Error && /previously executed migration .* is missing/.test(error.message);
  return hubError(isNewer ? 'store-newer' : 'store-unreadable', {}, error);
}
