import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param data the folder of the packs of a vault @returns their paths */
export async function packsIn(data: string): Promise<readonly string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Flips one bit in the middle of the largest pack.
 *
 * @param data the folder of the packs of a vault
 * @param spared packs that stay as they are
 */
export async function damageLargestPack(data: string, spared: readonly string[] = []): Promise<void> {
  const path = await largestPack(data, spared);
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

export async function deleteLargestPack(data: string): Promise<void> {
  await rm(await largestPack(data));
}

async function largestPack(data: string, spared: readonly string[] = []): Promise<string> {
  const paths = (await packsIn(data)).filter((path) => !spared.includes(path));
  const sized = await Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
  const largest = sized.sort((one, other) => other.size - one.size)[0];
  if (largest === undefined) throw new Error('There is no pack');
  return largest.path;
}
