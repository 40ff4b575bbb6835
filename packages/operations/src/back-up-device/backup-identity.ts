import { createHash } from 'node:crypto';
import { joinPath, type ReadableTree, ROOT } from '@rootcellar/core';

/** What tells one backup from the next, each file by itself. */
export const TELLING = ['Status.plist', 'Manifest.plist', 'Manifest.db'] as const;

/** A list of files of a gigabyte need not be read to tell it from another. */
const FIRST_PART_BYTES = 64 * 1024;

/** Tells one finished backup from another, and from one that another program has continued. */
export async function identityOf(base: ReadableTree): Promise<string> {
  const versions = await Promise.all(TELLING.map((name) => versionOf(base, name)));
  return createHash('sha256').update(versions.join('\n')).digest('hex');
}

/** Size and first part: Status.plist is small, and names the session that wrote it. */
export async function versionOf(tree: ReadableTree, name: string): Promise<string> {
  const path = joinPath(ROOT, name);
  const entry = await tree.stat(path);
  if (entry === undefined) return 'absent';
  const hash = createHash('sha256').update(`${entry.sizeBytes}\n`);
  for await (const piece of tree.read(path, { start: 0, end: FIRST_PART_BYTES })) hash.update(piece);
  return hash.digest('hex');
}
