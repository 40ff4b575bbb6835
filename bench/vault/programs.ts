import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type MeasuredRun, measuredRun } from '../phone/measured-run.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const PASSWORD = 'Boskoop';

/** A program that keeps versions of a folder. */
export interface Keeper {
  readonly name: 'rootcellar' | 'restic' | 'borg';
  /** What it keeps: its size is what counts. */
  readonly store: string;
  prepare(): Promise<void>;
  save(version: number): Promise<MeasuredRun>;
  restore(): Promise<MeasuredRun>;
  /** Reads every byte. */
  check(): Promise<MeasuredRun>;
}

export interface KeeperOptions {
  /** Empty; of this program alone. */
  readonly folder: string;
  /** The backup folder that is to be kept, named by its UDID. */
  readonly source: string;
  readonly udid: string;
  readonly backupPassword: string;
}

export function rootcellar({ folder, source, udid, backupPassword }: KeeperOptions): Keeper {
  const env = {
    ROOTCELLAR_DATA: folder,
    ROOTCELLAR_BACKUP_PASSWORD: backupPassword,
    ROOTCELLAR_VAULT_PASSWORD: PASSWORD,
  };
  const run = (...args: readonly string[]) =>
    measuredRun([process.execPath, PROGRAM, ...args, '--json'], env);
  return {
    name: 'rootcellar',
    store: join(folder, 'vaults', udid),
    prepare: async () => {},
    save: () => run('import', source, '--keep', 'small'),
    restore: () => run('export-folder', 'latest', '--to', join(folder, 'restored')),
    check: () => run('vault', 'check', '--read-data'),
  };
}

export function restic({ folder, source }: KeeperOptions): Keeper {
  const store = join(folder, 'store');
  const env = {
    RESTIC_REPOSITORY: store,
    RESTIC_PASSWORD: PASSWORD,
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
  const run = (...args: readonly string[]) => measuredRun(['restic', '--quiet', ...args], env);
  return {
    name: 'restic',
    store,
    prepare: async () => void (await run('init')),
    save: () => run('backup', source),
    restore: () => run('restore', 'latest', '--target', join(folder, 'restored')),
    check: () => run('check', '--read-data'),
  };
}

export function borg({ folder, source }: KeeperOptions): Keeper {
  const store = join(folder, 'store');
  const restored = join(folder, 'restored');
  const env = { BORG_REPO: store, BORG_PASSPHRASE: PASSWORD, BORG_BASE_DIR: join(folder, 'base') };
  let latest = 0;
  return {
    name: 'borg',
    store,
    prepare: async () => void (await measuredRun(['borg', 'init', '--encryption', 'repokey-blake2'], env)),
    save: (version) => {
      latest = version;
      return measuredRun(['borg', 'create', '--compression', 'zstd,3', `::${version}`, source], env);
    },
    // It gives back into the folder in which it runs.
    restore: () => {
      const steps = `mkdir '${restored}' && cd '${restored}' && exec borg extract ::${latest}`;
      return measuredRun(['sh', '-c', steps], env);
    },
    check: () => measuredRun(['borg', 'check', '--verify-data'], env),
  };
}

/** Of all files below a folder. */
export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

export const KEEPER_PASSWORD = PASSWORD;
