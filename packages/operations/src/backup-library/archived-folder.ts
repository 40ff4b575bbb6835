import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies a backup folder so that the next run cannot take its place. Files are linked where the disk can: a backup never
 * changes a file, it puts another one in its place, so a link keeps the bytes and takes no room.
 *
 * @param from holds `<udid>` and `<udid>.sha256`
 * @param to does not exist yet; appears only when it is complete
 */
export async function copyBackupFolder(from: string, to: string, udid: string): Promise<void> {
  const draft = `${to}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await copyFolder(join(from, udid), join(draft, udid));
  await linkOrCopy(join(from, `${udid}.sha256`), join(draft, `${udid}.sha256`)).catch(() => {
    // Of a backup of another program there are no hashes.
  });
  await rename(draft, to);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await linkOrCopy(source, target);
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
  }
}
