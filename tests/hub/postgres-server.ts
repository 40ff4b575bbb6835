import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** House rule for heavy servers. */
const START_MS_MAX = 120_000;

/** Where Debian puts its programs, the newest last. */
export function postgresPrograms(): string | undefined {
  return globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
}

export interface PostgresServer {
  /** An empty database of its own, for that name. */
  database(name: string): Promise<string>;
  close(): Promise<void>;
}

/** A PostgreSQL server on loopback, in a temporary folder. Its programs refuse root, so they run as its own user. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-postgres-'));
  const user = await unprivilegedUser();
  if (user) await chown(folder, user.uid, user.gid);
  const options = { ...user, cwd: folder };
  const data = join(folder, 'data');
  await run(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'hub', '-A', 'trust', '--no-sync', '-E', 'UTF8'],
    options,
  );
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F'];
  const server = spawn(join(programs, 'postgres'), args, { ...options, stdio: 'ignore' });
  const address = `postgres://hub@127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    const ended = once(server, 'close');
    server.kill('SIGINT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  await untilReady(join(programs, 'pg_isready'), port).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const made = new Set<string>();
  return {
    async database(name) {
      if (!made.has(name))
        await run(join(programs, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'hub', name]);
      made.add(name);
      return `${address}/${name}`;
    },
    close,
  };
}

async function untilReady(program: string, port: number): Promise<void> {
  const until = Date.now() + START_MS_MAX;
  while (Date.now() < until) {
    const isReady = await run(program, ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('PostgreSQL did not start');
}

async function unprivilegedUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/passwd')) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  return { uid: uid as number, gid: gid as number };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
