import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../apps/hub/src/store/open-store.ts';
import { describeStore } from '../../apps/hub/src/store/store-contract.ts';
import { type PostgresServer, postgresPrograms, startPostgres } from './postgres-server.ts';

const programs = postgresPrograms();
if (programs === undefined) {
  const message = 'PostgreSQL is not installed (Debian: postgresql)';
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED – ${message}`);
}

describe.skipIf(programs === undefined)('with a server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(programs ?? '');
  });
  afterAll(() => server?.close());

  describeStore('PostgreSQL', async (name) => openStore({ postgres: await server.database(name) }));
});
