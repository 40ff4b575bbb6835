import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Secret } from '@rootcellar/core';
import type { S3Place } from '@rootcellar/vault';
import { AwsClient } from 'aws4fetch';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** What a test of it needs, for `isMissing`. Debian: ceph-mon, ceph-osd, radosgw, and ceph-common with them. */
export const CEPH_PROGRAMS = [
  'monmaptool',
  'ceph-mon',
  'ceph-osd',
  'radosgw',
  'ceph',
  'radosgw-admin',
] as const;

/** House rule for heavy servers. */
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;

const USER = { accessKeyID: 'ROOTCELLAR', secretAccessKey: 'apples in sand' } as const;

/** The disk that it believes it has; the file has holes where nothing was written. */
const DISK_BYTES = 20 * 1024 ** 3;

/** An S3 service: Ceph's gateway over a monitor and one disk, on loopback, in a temporary folder. */
export interface CephCluster {
  /** Who may use it: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`. */
  readonly signIn: Readonly<Record<string, string>>;
  readonly endpoint: string;
  /** A new bucket. */
  bucket(name: string): Promise<Omit<S3Place, 'prefix'>>;
  /** Ends the gateway in the middle of whatever it does; what is stored stays. */
  killGateway(): Promise<void>;
  /** At the same address as before. */
  startGateway(): Promise<void>;
  close(): Promise<void>;
}

/** It fails now and then on a busy machine, so it may try a second time. */
export async function startCeph(): Promise<CephCluster> {
  return new Cluster().start().catch(() => new Cluster().start());
}

class Cluster implements CephCluster {
  readonly #daemons = new Map<string, ChildProcess>();
  #folder = '';
  #port = 0;
  readonly #cluster = { id: randomUUID(), monitor: '' };
  #until = Date.now() + START_MS_MAX;

  readonly signIn = {
    AWS_ACCESS_KEY_ID: USER.accessKeyID,
    AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
  };

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    this.#folder = await mkdtemp(join(tmpdir(), 'rootcellar-ceph-'));
    try {
      this.#port = await freePort();
      this.#cluster.monitor = `[v2:127.0.0.1:${await freePort()},v1:127.0.0.1:${await freePort()}]`;
      await this.#configure();
      await this.#startMonitor();
      await this.#startDisk();
      await this.startGateway();
      return this;
    } catch (error) {
      const log = await readFile(join(this.#folder, 'ceph.log'), 'utf8').catch(() => '');
      await this.close();
      throw new Error(`Ceph did not start:\n${log.slice(-4000)}`, { cause: error });
    }
  }

  async bucket(name: string): Promise<Omit<S3Place, 'prefix'>> {
    const { accessKeyID, secretAccessKey } = USER;
    const client = new AwsClient({
      accessKeyId: accessKeyID,
      secretAccessKey,
      service: 's3',
      region: 'us-east-1',
    });
    const { status } = await client.fetch(`${this.endpoint}/${name}`, { method: 'PUT' });
    if (status !== 200) throw new Error(`No bucket was made: ${status}`);
    return {
      endpoint: this.endpoint,
      bucket: name,
      accessKeyID,
      secretAccessKey: new Secret(secretAccessKey),
    };
  }

  async startGateway(): Promise<void> {
    this.#until = Date.now() + START_MS_MAX;
    this.#daemon('gateway', 'radosgw', ['-f', '-n', 'client.gateway']);
    await this.#retrying(async () => {
      if ((await fetch(this.endpoint)).status !== 200) throw new Error('not yet');
    });
  }

  killGateway(): Promise<void> {
    return this.#stop('gateway', 'SIGKILL');
  }

  async close(): Promise<void> {
    // Who depends on others goes first.
    for (const name of ['gateway', 'disk', 'monitor']) await this.#stop(name, 'SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** No keys between its parts: they meet on loopback only. Source: Ceph, "Configuration Reference". */
  async #configure(): Promise<void> {
    const lines = [
      '[global]',
      `fsid = ${this.#cluster.id}`,
      `mon host = ${this.#cluster.monitor}`,
      'public network = 127.0.0.1/32',
      'public addr = 127.0.0.1',
      'auth cluster required = none',
      'auth service required = none',
      'auth client required = none',
      // The gateway insists on a secure line by itself, which there is not without keys.
      'ms mon client mode = crc',
      `run dir = ${this.#folder}`,
      `admin socket = ${this.#folder}/$name.sock`,
      `log file = ${this.#folder}/ceph.log`,
      'mon cluster log file = /dev/null',
      `mon data = ${this.#folder}/monitor`,
      'mon allow pool size one = true',
      'mon max pg per osd = 1000',
      'mon data avail crit = 0',
      `osd data = ${this.#folder}/disk`,
      'osd objectstore = bluestore',
      `bluestore block size = ${DISK_BYTES}`,
      'osd memory target = 939524096',
      'osd pool default size = 1',
      'osd pool default min size = 1',
      'osd pool default pg num = 4',
      'osd pool default pg autoscale mode = off',
      'osd crush chooseleaf type = 0',
      '[client.gateway]',
      `rgw frontends = beast endpoint=127.0.0.1:${this.#port}`,
      `rgw data = ${this.#folder}/gateway`,
    ];
    await writeFile(join(this.#folder, 'ceph.conf'), `${lines.join('\n')}\n`);
    for (const name of ['disk', 'gateway']) await mkdir(join(this.#folder, name));
  }

  async #startMonitor(): Promise<void> {
    const map = join(this.#folder, 'monmap');
    const { id, monitor } = this.#cluster;
    await run('monmaptool', ['--create', '--fsid', id, '--addv', 'a', monitor, map]);
    await this.#run('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', map]);
    this.#daemon('monitor', 'ceph-mon', ['-f', '-i', 'a']);
    await this.#ceph('mon', 'stat');
  }

  async #startDisk(): Promise<void> {
    const id = randomUUID();
    await this.#ceph('osd', 'new', id);
    await this.#run('ceph-osd', ['--mkfs', '-i', '0', '--osd-uuid', id]);
    await this.#ceph('osd', 'crush', 'add', '0', '1', 'root=default');
    this.#daemon('disk', 'ceph-osd', ['-f', '-i', '0']);
    await this.#retrying(async () => {
      const { num_up_osds: up } = JSON.parse(await this.#ceph('osd', 'stat', '-f', 'json'));
      if (up !== 1) throw new Error('not yet');
    });
    const user = ['user', 'create', '--uid=owner', '--display-name=owner'];
    const keys = [`--access-key=${USER.accessKeyID}`, `--secret-key=${USER.secretAccessKey}`];
    await this.#run('radosgw-admin', [...user, ...keys]);
  }

  #ceph(...args: readonly string[]): Promise<string> {
    return this.#run('ceph', ['--connect-timeout', '20', ...args]);
  }

  async #run(program: string, args: readonly string[]): Promise<string> {
    const timeout = Math.max(1, this.#until - Date.now());
    const { stdout } = await run(program, ['-c', join(this.#folder, 'ceph.conf'), ...args], { timeout });
    return stdout;
  }

  #daemon(name: string, program: string, args: readonly string[]): void {
    const conf = ['-c', join(this.#folder, 'ceph.conf')];
    this.#daemons.set(name, spawn(program, [...conf, ...args], { stdio: 'ignore', cwd: this.#folder }));
  }

  async #stop(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const daemon = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    const timer = setTimeout(() => daemon.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  }

  async #retrying(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (Date.now() > this.#until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}
