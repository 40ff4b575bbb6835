import { spawnSync } from 'node:child_process';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** A small disk in memory that one process alone has, so that it can run full, and nobody has to be root for it. */
export interface OwnDisk {
  /** Starts the program that follows, with the disk mounted. */
  readonly within: readonly string[];
  /** Where this process finds what is on it. */
  readonly folder: string;
  mountedIn(pid: number): void;
  /** Takes the last free byte. */
  fill(): Promise<void>;
  /** Gives back what was taken. */
  free(): Promise<void>;
}

const PIECE = Buffer.alloc(1024 * 1024);

/** In namespaces of its own: whoever starts it is root there and nowhere else. */
const NAMESPACES = ['unshare', '--user', '--map-root-user', '--mount'];

const MOUNT_AND_START = 'mount -t tmpfs -o "size=$1,mode=0700" tmpfs "$2" && shift 2 && exec "$@"';

/** @param bytes how large; without it, the folder stays where it is and nothing is mounted */
export function ownDisk(folder: string, bytes: number | undefined): OwnDisk {
  let reached = folder;
  const filler = () => join(reached, 'filler');
  return {
    within:
      bytes === undefined ? [] : [...NAMESPACES, 'sh', '-c', MOUNT_AND_START, 'sh', String(bytes), folder],
    get folder() {
      return reached;
    },
    mountedIn(pid) {
      if (bytes !== undefined) reached = join('/proc', String(pid), 'root', folder);
    },
    async fill() {
      const { bsize } = await statfs(reached);
      const file = await open(filler(), 'w');
      try {
        for (const piece of [PIECE, PIECE.subarray(0, bsize)]) await writeUntilFull(file, piece);
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler()),
  };
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  for (;;) {
    try {
      await file.appendFile(piece);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** May one have a disk of one's own here? In CI that must be so. */
export function hasOwnDisks(): boolean {
  const [command = '', ...rest] = [...NAMESPACES, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'];
  const isAllowed = spawnSync(command, rest, { stdio: 'ignore' }).status === 0;
  if (isAllowed) return true;
  const message = 'No tmpfs may be mounted in a user namespace here: the test of a full disk needs one.';
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED – ${message}`);
  return false;
}
