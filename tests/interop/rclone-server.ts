import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '@rootcellar/core';
import { freePort } from './free-port.ts';

/** `rclone serve restic`: a server of restic's REST protocol that is not ours. */
export interface RcloneServer {
  /** Its files; a repository lies in the folder of its name. */
  readonly folder: string;
  readonly host: string;
  url(name: string): string;
  /** Ends it in the middle of whatever it does; its files stay. */
  kill(): Promise<void>;
  /** At the same address as before. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startRclone(user: {
  readonly username: string;
  readonly password: Secret;
}): Promise<RcloneServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-rest-'));
  const host = `127.0.0.1:${await freePort()}`;
  const url = (name: string): string => `http://${host}/${name}/`;
  const login = ['--user', user.username, '--pass', user.password.reveal()];
  const args = ['serve', 'restic', folder, '--addr', host, '--config', '/dev/null', ...login];
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn('rclone', args, { stdio: 'ignore' });
    await untilReady(url('none'));
  };
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    folder,
    host,
    url,
    kill,
    start,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isReady = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('rclone does not answer');
}
