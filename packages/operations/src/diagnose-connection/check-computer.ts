import { access, constants, mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkVaults } from './check-vaults.ts';
import { type Check, type Platform, say } from './findings.ts';
import { whereSecretsLie } from './where-secrets-lie.ts';

/** The smallest phones with anything on them need about this much. */
const FREE_BYTES_MIN = 10e9;

/** Of the disk that a folder is on, for the person who asks. */
export type FreeBytesOf = (folder: string) => Promise<number>;

/** Is there a place for what a backup keeps? Makes nothing that stays. */
export async function checkComputer(
  dataFolder: string,
  platform: Platform,
  freeBytesOf: FreeBytesOf = askSystem,
): Promise<readonly Check[]> {
  const folder = await nearestFolder(dataFolder);
  return [
    say(
      (await isWritable(folder, folder === dataFolder)) ? 'data-folder-writable' : 'data-folder-shut',
      platform,
    ),
    await checkSpace(folder, platform, freeBytesOf),
    say(await whereSecretsLie(dataFolder), platform),
    await checkVaults(dataFolder, platform),
  ];
}

/** The folder, or the nearest one above it that is there already. */
async function nearestFolder(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch {
    const above = dirname(folder);
    return above === folder ? folder : nearestFolder(above);
  }
}

/** Asking for permission is not enough: a read-only disk, a file in place of a folder. */
async function isWritable(folder: string, mayTry: boolean): Promise<boolean> {
  try {
    // Above our own folder nothing is made, not even for a moment; the dot tells a folder from a file.
    if (!mayTry) await access(join(folder, '.'), constants.W_OK | constants.X_OK);
    else await rmdir(await mkdtemp(join(folder, 'doctor-')));
    return true;
  } catch {
    return false;
  }
}

async function checkSpace(folder: string, platform: Platform, freeBytesOf: FreeBytesOf): Promise<Check> {
  try {
    const freeBytes = await freeBytesOf(folder);
    const gigabytes = Math.floor(freeBytes / 1e9);
    return say(freeBytes < FREE_BYTES_MIN ? 'space-short' : 'space-enough', platform, { gigabytes });
  } catch {
    return say('space-unknown', platform);
  }
}

async function askSystem(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
