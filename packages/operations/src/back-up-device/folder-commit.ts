import { joinPath, overlayTree, ROOT, type TreePath } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { TELLING, versionOf } from './backup-identity.ts';
import { type FolderPlaces, removeStaging } from './folder-places.ts';
import { everything, writeWhole } from './tree-work.ts';

/**
 * Puts a new backup in place, from wherever an earlier attempt stopped. Each step may be repeated:
 * what it finds done, it leaves. Before notes are thrown away, what they told is on the disk.
 */
export async function completeCommit(places: FolderPlaces): Promise<void> {
  const { home, commit, placing } = places;
  const isPlacing = (await home.stat(placing)) !== undefined;
  if (!isPlacing && (await home.stat(commit)) === undefined) return;
  if (!(await isStillOurs(places))) return setAside(places);
  if (!isPlacing) {
    await applyChanges(places);
    await home.flush();
    await writeWhole(home, placing, '');
  }
  await placeNewFiles(places);
  if (await home.stat(places.received)) await home.move(places.received, places.hashes);
  await home.flush();
  await removeStaging(places);
}

/** By name: how a file was before the commit, and how it is after it. */
type Versions = Readonly<Record<string, readonly [before: string, after: string]>>;

export async function versionsOf({ base, upper }: FolderPlaces): Promise<Versions> {
  const versions: [string, readonly [string, string]][] = [];
  for (const name of TELLING) {
    const before = await versionOf(base, name);
    const sent = await upper.stat(joinPath(ROOT, name));
    versions.push([name, [before, sent ? await versionOf(upper, name) : before]]);
  }
  return Object.fromEntries(versions);
}

/** Has nobody else continued the folder since the commit began? */
export async function isStillOurs({ home, base, commit }: FolderPlaces): Promise<boolean> {
  try {
    const text = Buffer.concat(await Array.fromAsync(home.read(commit))).toString();
    const versions: Record<string, unknown> = JSON.parse(text);
    for (const name of TELLING) {
      const known = versions[name];
      if (!Array.isArray(known) || !known.includes(await versionOf(base, name))) return false;
    }
    return true;
  } catch {
    return false; // Unreadable: nothing tells that it is ours.
  }
}

/** What we had is whole, but older than what is there now: it is kept beside it, and its owner told. */
async function setAside({ home, staging }: FolderPlaces): Promise<never> {
  await home.move(staging, `${staging}.aside` as TreePath);
  await home.flush();
  throw operationError('folder-changed');
}

/** Moves older files that got a new name beside the new ones, then removes what is to go. */
async function applyChanges({
  base,
  upper,
  changes,
  home,
  folder,
  upperFolder,
}: FolderPlaces): Promise<void> {
  const { moved, removed } = await overlayTree({ base, upper, changes });
  for (const [to, from] of moved) {
    if (await base.stat(from)) await home.move(joinPath(folder, from), joinPath(upperFolder, to));
  }
  for (const path of removed) await base.remove(path);
}

/** What tells that a backup is whole comes after everything that must be there by then. */
const PLACED_LAST = ['Manifest.plist', 'Manifest.db', 'Info.plist', 'Status.plist'];

async function placeNewFiles({ home, folder, upper, upperFolder }: FolderPlaces): Promise<void> {
  if ((await home.stat(folder)) === undefined) {
    if (await home.stat(upperFolder)) await home.move(upperFolder, folder);
    return;
  }
  const last: TreePath[] = [];
  for await (const entry of everything(upper)) {
    if (PLACED_LAST.includes(entry.path)) last.push(entry.path);
    else if (entry.kind === 'folder') await home.makeFolder(joinPath(folder, entry.path));
    else await home.move(joinPath(upperFolder, entry.path), joinPath(folder, entry.path));
  }
  for (const path of last.sort((a, b) => PLACED_LAST.indexOf(a) - PLACED_LAST.indexOf(b))) {
    await home.move(joinPath(upperFolder, path), joinPath(folder, path));
  }
}
