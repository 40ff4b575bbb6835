import { createHash } from 'node:crypto';
import { encodeReceivedHashes, type ReceivedHashes } from '@rootcellar/backup';
import {
  joinPath,
  memoryTree,
  nameOf,
  nestedTree,
  overlayTree,
  type ReadableTree,
  ROOT,
  subTree,
  type TreePath,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { hashesOfAll, hashFileOf, readHashes } from './folder-hashes.ts';
import { hashingTree } from './hashing-tree.ts';

/**
 * A plain iTunes-format folder, `<home>/<udid>/`, that we never leave between two versions.
 *
 * A phone that backs up sees the last backup with an empty staging area over it; what it sends, moves
 * and removes happens in the staging area alone. Only when the new backup is whole and on the disk are
 * the changes put in place, file by file. That step is written down before it begins, so that whoever
 * of us opens the folder after a crash sees the new backup, and the next run completes it.
 *
 * ```
 * <home>/<udid>/                     the last finished backup
 * <home>/<udid>.sha256               hashes of its files as they arrived
 * <home>/.rootcellar/<udid>/about    what the staging area belongs to
 *                           new/     files that are sent now
 *                           changes/ removals and moves of older files
 *                           received hashes of all files of the new backup
 *                           commit   exists while changes are put in place: first phase
 *                           placing  … second phase: only new/ is left to be moved
 * ```
 */
export interface BackupFolder {
  /** As the phone sees it: one folder, named by the UDID. */
  readonly served: WritableTree;
  /** The same without that outer folder. */
  readonly device: WritableTree;
  /** Does it go on where an interrupted run stopped? */
  readonly resumed: boolean;
  /** Is there a backup from before? It stays as it is until `commit`. */
  readonly hasEarlier: boolean;
  /** Puts the new backup in the place of the old one. When it returns, a power cut cannot undo it. */
  commit(): Promise<void>;
  /** Is the new backup written down as the one that counts? From then on it is what restores read. */
  readonly isCommitted: boolean;
  /** The names of all files that were sent or moved since the earlier backup, without their folders. */
  newNames(): Promise<ReadonlySet<string>>;
  /** Gives up what a run that did not finish has left: it takes the room that the next one needs. */
  discardUnfinished(): Promise<void>;
  /** What a run that did not finish has left. If that is nothing, nothing of it remains on the disk. */
  leaveUnfinished(): Promise<{ readonly files: number; readonly bytes: number }>;
}

const STAGING = '.rootcellar';

/** A list of files of a gigabyte need not be read to tell it from another. */
const FIRST_PART_BYTES = 64 * 1024;

/** What a staging area belongs to: it is thrown away if any of it has changed. */
interface About {
  readonly bootID: string;
  /** Which earlier backup it is based on. */
  readonly base: string;
  readonly startedAt: string;
}

/**
 * Puts a whole backup in place that an earlier run had no time to. Needs no phone and hardly any room.
 *
 * @throws `operation.folder-changed` if another program has continued the folder since
 */
export async function completeBackupFolder(home: WritableTree, udid: string): Promise<void> {
  await completeCommit(placesOf(home, udid));
}

/**
 * Opens a folder to back up into, after `completeBackupFolder`; resumes what an earlier run has left.
 *
 * @param options.home holds the backups of all devices
 * @param options.bootID of this run of the machine: files of a staging area from before a restart may
 *   be hollow, so it is begun anew
 */
export async function openBackupFolder(options: {
  readonly home: WritableTree;
  readonly udid: string;
  readonly bootID: string;
  readonly startedAt: Date;
}): Promise<BackupFolder> {
  const { home, udid, bootID, startedAt } = options;
  const places = placesOf(home, udid);
  let isCommitted = false;
  const about: About = { bootID, base: await identityOf(places.base), startedAt: startedAt.toISOString() };
  const resumed = await isResumable(places, about);
  if (!resumed) {
    await home.remove(places.staging);
    await writeWhole(home, places.about, JSON.stringify(about));
  }
  const hasEarlier = await hasFiles(places.base);
  const { upper, changes } = places;
  const overlay = await overlayTree({ base: hasEarlier ? places.base : memoryTree(), upper, changes });
  const { tree: device, hashes } = hashingTree(overlay);
  return {
    served: nestedTree(device, udid),
    device,
    resumed,
    hasEarlier,
    async newNames() {
      const names = new Set([...overlay.moved.keys()].map(nameOf));
      for await (const entry of everything(upper)) names.add(nameOf(entry.path));
      return names;
    },
    discardUnfinished: () => removeStaging(places),
    async leaveUnfinished() {
      const left = await countFiles(places.upper);
      if (left.files === 0) await removeStaging(places);
      return left;
    },
    async commit() {
      const earlier = (await readHashes(home, places.hashes, places.base)) ?? new Map();
      const received = await hashesOfAll({ earlier, overlay, upper, hashes });
      await home.write(places.received, encodeReceivedHashes(received, udid));
      await device.flush();
      await writeWhole(home, places.commit, JSON.stringify(await versionsOf(places)));
      isCommitted = true;
      await completeCommit(places);
    },
    get isCommitted() {
      return isCommitted;
    },
  };
}

/** Has a crash left a new backup half put in place? Then the folder alone shows neither. */
export async function isBeingPlaced(home: WritableTree, udid: string): Promise<boolean> {
  const { placing, commit } = placesOf(home, udid);
  return (await home.stat(placing)) !== undefined || (await home.stat(commit)) !== undefined;
}

/**
 * A finished backup to read from, as a tree of the files in its folder. Changes nothing, also when a
 * crash has left it half put in place: it then shows the new backup.
 */
export async function openFinishedBackup(home: WritableTree, udid: string): Promise<WritableTree> {
  const places = placesOf(home, udid);
  if (!(await isBeingPlaced(home, udid))) return places.base;
  const placing = await home.stat(places.placing);
  if (!(await isStillOurs(places))) return places.base;
  return overlayTree({
    base: places.base,
    upper: places.upper,
    ...(placing ? {} : { changes: places.changes }),
  });
}

/**
 * The hashes of a finished backup as its files arrived, also when a crash has left it half put in place.
 * `undefined` if there are none, or if they belong to another backup of the same phone, as after a run of another
 * program.
 */
export async function openReceivedHashes(
  home: WritableTree,
  udid: string,
  tree: ReadableTree,
): Promise<ReceivedHashes | undefined> {
  const { received, hashes } = placesOf(home, udid);
  return (await readHashes(home, hashes, tree)) ?? readHashes(home, received, tree);
}

interface Places {
  readonly home: WritableTree;
  readonly folder: TreePath;
  readonly base: WritableTree;
  readonly staging: TreePath;
  readonly upperFolder: TreePath;
  readonly upper: WritableTree;
  readonly changesFolder: TreePath;
  readonly changes: WritableTree;
  readonly about: TreePath;
  readonly received: TreePath;
  readonly commit: TreePath;
  readonly placing: TreePath;
  /** Beside the device folder, where they stay. */
  readonly hashes: TreePath;
}

function placesOf(home: WritableTree, udid: string): Places {
  const folder = joinPath(ROOT, udid);
  const staging = joinPath(ROOT, STAGING, udid);
  const upperFolder = joinPath(staging, 'new');
  const changesFolder = joinPath(staging, 'changes');
  return {
    home,
    folder,
    base: subTree(home, folder),
    staging,
    upperFolder,
    upper: subTree(home, upperFolder),
    changesFolder,
    changes: subTree(home, changesFolder),
    about: joinPath(staging, 'about'),
    received: joinPath(staging, 'received'),
    commit: joinPath(staging, 'commit'),
    placing: joinPath(staging, 'placing'),
    hashes: hashFileOf(udid),
  };
}

/**
 * Puts a new backup in place, from wherever an earlier attempt stopped. Each step may be repeated:
 * what it finds done, it leaves. Before notes are thrown away, what they told is on the disk.
 */
async function completeCommit(places: Places): Promise<void> {
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

/** What tells one backup from the next, each file by itself. */
const TELLING = ['Status.plist', 'Manifest.plist', 'Manifest.db'] as const;

/** By name: how a file was before the commit, and how it is after it. */
type Versions = Readonly<Record<string, readonly [before: string, after: string]>>;

async function versionsOf({ base, upper }: Places): Promise<Versions> {
  const versions: [string, readonly [string, string]][] = [];
  for (const name of TELLING) {
    const before = await versionOf(base, name);
    const sent = await upper.stat(joinPath(ROOT, name));
    versions.push([name, [before, sent ? await versionOf(upper, name) : before]]);
  }
  return Object.fromEntries(versions);
}

/** Has nobody else continued the folder since the commit began? */
async function isStillOurs({ home, base, commit }: Places): Promise<boolean> {
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
async function setAside({ home, staging }: Places): Promise<never> {
  await home.move(staging, `${staging}.aside` as TreePath);
  await home.flush();
  throw operationError('folder-changed');
}

async function removeStaging({ home, staging }: Places): Promise<void> {
  await home.remove(staging);
  await removeIfEmpty(home, joinPath(ROOT, STAGING));
}

/** Moves older files that got a new name beside the new ones, then removes what is to go. */
async function applyChanges({ base, upper, changes, home, folder, upperFolder }: Places): Promise<void> {
  const { moved, removed } = await overlayTree({ base, upper, changes });
  for (const [to, from] of moved) {
    if (await base.stat(from)) await home.move(joinPath(folder, from), joinPath(upperFolder, to));
  }
  for (const path of removed) await base.remove(path);
}

/** What tells that a backup is whole comes after everything that must be there by then. */
const PLACED_LAST = ['Manifest.plist', 'Manifest.db', 'Info.plist', 'Status.plist'];

async function placeNewFiles({ home, folder, upper, upperFolder }: Places): Promise<void> {
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

/** Folders before what they hold. */
async function* everything(
  tree: WritableTree,
  folder: TreePath = ROOT,
): ReturnType<typeof tree.list> & AsyncGenerator {
  for (const entry of await Array.fromAsync(tree.list(folder))) {
    yield entry;
    if (entry.kind === 'folder') yield* everything(tree, entry.path);
  }
}

/**
 * A phone whose first backup was interrupted begins anew, unless it had already sent the list of files:
 * what it sent before would only take the room that it needs again. Source: observed §1.6.
 */
async function hasManifest(upper: WritableTree): Promise<boolean> {
  const places = ['Manifest.db', 'Snapshot/Manifest.db'].map((name) => upper.stat(treePath(name)));
  return (await Promise.all(places)).some((entry) => entry !== undefined);
}

async function isResumable({ home, about, base, upper, changes }: Places, now: About): Promise<boolean> {
  try {
    const text = Buffer.concat(await Array.fromAsync(home.read(about))).toString();
    const kept: Partial<Record<keyof About, unknown>> = JSON.parse(text);
    await overlayTree({ base: upper, upper, changes });
    const isSame = kept.bootID === now.bootID && kept.base === now.base;
    return isSame && ((await hasFiles(base)) || (await hasManifest(upper)));
  } catch {
    return false; // There is none, or it cannot be understood: either way it is no use.
  }
}

/** Tells one finished backup from another, and from one that another program has continued. */
async function identityOf(base: WritableTree): Promise<string> {
  const versions = await Promise.all(TELLING.map((name) => versionOf(base, name)));
  return createHash('sha256').update(versions.join('\n')).digest('hex');
}

/** Size and first part: Status.plist is small, and names the session that wrote it. */
async function versionOf(tree: WritableTree, name: string): Promise<string> {
  const path = joinPath(ROOT, name);
  const entry = await tree.stat(path);
  if (entry === undefined) return 'absent';
  const hash = createHash('sha256').update(`${entry.sizeBytes}\n`);
  for await (const piece of tree.read(path, { start: 0, end: FIRST_PART_BYTES })) hash.update(piece);
  return hash.digest('hex');
}

/** Under its final name only when it is whole and durable. */
export async function writeWhole(
  home: WritableTree,
  path: TreePath,
  content: string | Iterable<Uint8Array>,
): Promise<void> {
  const draft = `${path}.draft` as TreePath;
  await home.write(draft, typeof content === 'string' ? [Buffer.from(content)] : content);
  await home.flush();
  await home.move(draft, path);
  await home.flush();
}

async function hasFiles(tree: WritableTree): Promise<boolean> {
  for await (const _ of tree.list(ROOT)) return true;
  return false;
}

async function countFiles(tree: WritableTree): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  for await (const entry of everything(tree)) {
    if (entry.kind === 'file') files += 1;
    bytes += entry.sizeBytes;
  }
  return { files, bytes };
}

async function removeIfEmpty(home: WritableTree, folder: TreePath): Promise<void> {
  for await (const _ of home.list(folder)) return;
  await home.remove(folder);
}
