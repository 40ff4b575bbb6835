import { treeError } from '../errors.ts';
import { type Changes, openChanges } from './overlay-changes.ts';
import type { ByteRange, ReadableTree, ReadOptions, TreeEntry, WritableTree } from './tree.ts';
import { isInside, nameOf, parentOf, ROOT, requireApart, type TreePath } from './tree-path.ts';

/**
 * What was there before, plus what is written now. Whoever uses it sees one tree; `base` is never
 * changed, and only what is really written takes space in `upper`.
 *
 * A backup puts a staging area over the last backup; a restore puts memory over what it restores, so
 * that nothing a phone does can change it.
 *
 * @param layers.upper empty, or what an earlier overlay over the same base has left there
 * @param layers.changes keeps removals and moves of base files, so that a later overlay over the same
 *   three goes on where this one stopped. Without it they live in memory only
 */
export async function overlayTree(layers: {
  readonly base: ReadableTree;
  readonly upper: WritableTree;
  readonly changes?: WritableTree;
}): Promise<OverlayTree> {
  const changes = await openChanges(layers.changes, layers.upper);
  return new LayeredTree(layers.base, layers.upper, changes);
}

export interface OverlayTree extends WritableTree {
  /** Paths of the base that are gone, with everything below them. */
  readonly removed: ReadonlySet<TreePath>;
  /** Files of the base under a new name: new path → path in the base. */
  readonly moved: ReadonlyMap<TreePath, TreePath>;
}

class LayeredTree implements OverlayTree {
  readonly #base: ReadableTree;
  readonly #upper: WritableTree;
  readonly #changes: Changes;
  /** Folders that were seen; until one is removed, they need not be looked at for every file. */
  readonly #knownFolders = new Set<TreePath>();

  constructor(base: ReadableTree, upper: WritableTree, changes: Changes) {
    this.#base = base;
    this.#upper = upper;
    this.#changes = changes;
  }

  get removed(): ReadonlySet<TreePath> {
    return this.#changes.removed;
  }

  get moved(): ReadonlyMap<TreePath, TreePath> {
    return this.#changes.moved;
  }

  async *list(folder: TreePath): AsyncIterable<TreeEntry> {
    const seen = new Set<string>();
    for await (const entry of this.#listLayers(folder)) {
      const name = nameOf(entry.path);
      if (seen.has(name)) continue;
      seen.add(name);
      yield entry;
    }
  }

  async stat(path: TreePath): Promise<TreeEntry | undefined> {
    return (await this.#upper.stat(path)) ?? (await this.#statBelow(path));
  }

  async *read(path: TreePath, range?: ByteRange, options?: ReadOptions): AsyncIterable<Uint8Array> {
    if (await this.#upper.stat(path)) yield* this.#upper.read(path, range, options);
    else if (await this.#statBelow(path))
      yield* this.#base.read(this.moved.get(path) ?? path, range, options);
    else throw treeError('not-found');
  }

  /** What lies above is near; below it may be far. */
  async foresee(paths: readonly TreePath[]): Promise<void> {
    try {
      const below: TreePath[] = [];
      for (const path of paths)
        if (!(await this.#upper.stat(path)) && (await this.#statBelow(path)))
          below.push(this.moved.get(path) ?? path);
      await this.#base.foresee?.(below);
    } catch {
      // Whoever reads them is told.
    }
  }

  async makeFolder(path: TreePath): Promise<void> {
    await this.#requireFolders(path);
    await this.#upper.makeFolder(path);
  }

  async write(path: TreePath, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    if ((await this.stat(path))?.kind === 'folder') throw treeError('is-a-folder');
    await this.#requireFolders(parentOf(path));
    try {
      await this.#upper.write(path, content);
    } catch (error) {
      // A part of a file would hide the whole one below it.
      await this.#upper.remove(path).catch(() => {});
      throw error;
    }
    await this.#changes.forgetMove(path);
  }

  async move(from: TreePath, to: TreePath): Promise<void> {
    const inUpper = await this.#upper.stat(from);
    const entry = inUpper ?? (await this.#statBelow(from));
    if (entry === undefined) throw treeError('not-found');
    if (from === to) return;
    requireApart(from, to);
    await this.#requireFolders(parentOf(to));
    // A file that takes the place of a file covers it; anything else must be gone first.
    const there = await this.stat(to);
    if (there && (entry.kind === 'folder' || there.kind === 'folder')) await this.remove(to);
    if (entry.kind === 'folder') await this.#moveFolder(from, to);
    else await this.#moveFile(from, to, inUpper !== undefined);
  }

  async remove(path: TreePath): Promise<void> {
    for (const known of this.#knownFolders) if (isInside(known, path)) this.#knownFolders.delete(known);
    await this.#upper.remove(path);
    for (const moved of [...this.moved.keys()])
      if (isInside(moved, path)) await this.#changes.forgetMove(moved);
    if (path === ROOT)
      for await (const entry of this.#base.list(ROOT)) await this.#changes.remove(entry.path);
    else if (await this.#base.stat(path)) await this.#changes.remove(path);
  }

  freeBytes(): Promise<number> {
    return this.#upper.freeBytes();
  }

  async flush(): Promise<void> {
    await this.#upper.flush();
    await this.#changes.flush();
  }

  async *#listLayers(folder: TreePath): AsyncIterable<TreeEntry> {
    if ((await this.stat(folder))?.kind === 'file') throw treeError('not-a-folder');
    yield* this.#upper.list(folder);
    for (const path of [...this.moved.keys()]) {
      const entry = parentOf(path) === folder && path !== ROOT ? await this.#statBelow(path) : undefined;
      if (entry) yield entry;
    }
    if (this.#isHidden(folder)) return;
    for await (const entry of this.#base.list(folder)) if (!this.removed.has(entry.path)) yield entry;
  }

  /** The base as the overlay shows it: with names moved and removals applied. */
  async #statBelow(path: TreePath): Promise<TreeEntry | undefined> {
    const movedFrom = this.moved.get(path);
    if (movedFrom !== undefined) {
      const entry = await this.#base.stat(movedFrom);
      return entry && { ...entry, path };
    }
    return this.#isHidden(path) ? undefined : this.#base.stat(path);
  }

  #isHidden(path: TreePath): boolean {
    if (this.removed.size === 0) return false;
    for (let at = path; at !== ROOT; at = parentOf(at)) if (this.removed.has(at)) return true;
    return false;
  }

  async #requireFolders(path: TreePath): Promise<void> {
    for (let at = path; at !== ROOT && !this.#knownFolders.has(at); at = parentOf(at)) {
      const entry = await this.stat(at);
      if (entry?.kind === 'file') throw treeError('not-a-folder');
      if (entry === undefined) continue;
      this.#knownFolders.add(at);
      return;
    }
  }

  async #moveFile(from: TreePath, to: TreePath, inUpper: boolean): Promise<void> {
    if (inUpper) {
      await this.#upper.move(from, to);
      await this.#changes.forgetMove(to);
    } else {
      await this.#upper.remove(to);
      await this.#upper.makeFolder(parentOf(to));
      await this.#changes.move(this.moved.get(from) ?? from, to);
    }
    await this.#changes.forgetMove(from);
    if (await this.#base.stat(from)) await this.#changes.remove(from);
  }

  async #moveFolder(from: TreePath, to: TreePath): Promise<void> {
    await this.#upper.makeFolder(to);
    for await (const entry of this.list(from)) {
      const target = `${to}/${nameOf(entry.path)}` as TreePath;
      if (entry.kind === 'folder') await this.#moveFolder(entry.path, target);
      else await this.#moveFile(entry.path, target, (await this.#upper.stat(entry.path)) !== undefined);
    }
    await this.remove(from);
  }
}
