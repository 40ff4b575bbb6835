import { type Clock, joinPath, ROOT, systemClock, type TreePath } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import { BlobReader } from '../repository/blob-reader.ts';
import { BlobWriter } from '../repository/blob-writer.ts';
import type { Contents } from '../repository/contents.ts';
import { withLock } from '../repository/lock.ts';
import { prepareBlobWith } from '../repository/prepare-blob.ts';
import {
  ARCHIVED_TAG,
  INCOMPLETE_TAG,
  type Snapshot,
  type SnapshotSummary,
  tagsUnchecked,
} from '../snapshots/snapshot.ts';
import { writeSnapshot } from '../snapshots/snapshot-list.ts';
import { encodeTree, type TreeNode } from '../snapshots/tree-format.ts';
import type { CallOptions } from '../storage/storage.ts';
import { BlobMarks } from './blob-marks.ts';
import { isLost, readTree } from './damaged-snapshots.ts';

export interface SalvageOptions extends CallOptions {
  /** Files that are kept of it already: no more of them need no new snapshot. */
  readonly filesKept?: number | undefined;
  readonly clock?: Clock;
}

export interface Salvage {
  /** What could be saved, as a snapshot of its own; `undefined` if nothing was damaged, or no more is whole than was kept. */
  readonly snapshot: Snapshot | undefined;
  /** Files, and folders whose list is lost, that are not in it. */
  readonly lost: readonly TreePath[];
  readonly files: number;
}

/** Of a snapshot that was made of what was left of another. It is archived, too: no rule removes it. */
export const SALVAGED_TAG = 'salvaged';

/**
 * Reads every byte of a snapshot, and keeps what is whole as a new, incomplete snapshot. The damaged one stays: its
 * missing parts may come back from a copy of the vault.
 *
 * @throws `vault.locked`, what the storage throws
 */
export async function salvageSnapshot(
  contents: Contents,
  snapshot: Snapshot,
  { signal, filesKept = 0, clock = systemClock }: SalvageOptions = {},
): Promise<Salvage> {
  const { repository } = contents;
  return withLock(repository, { clock, signal }, async (lock) => {
    await contents.refresh({ signal: lock.signal });
    const place = { place: repository, index: contents.index, signal: lock.signal };
    const writer = new BlobWriter({ ...place, prepare: prepareBlobWith(repository.key) });
    const salvaging = new Salvaging(contents, writer, lock.signal);
    try {
      const tree = await salvaging.folder(ROOT, snapshot.tree);
      const { lost, files } = salvaging;
      if (lost.length === 0 || files <= filesKept) return { snapshot: undefined, lost, files };
      const root = tree ?? (await writer.save(encodeTree([]), 'tree'));
      await writer.flush();
      contents.addIndexFiles(writer.indexFileIDs);
      await lock.requireHeld();
      const others = tagsUnchecked(snapshot);
      const tags = [...new Set([...others, INCOMPLETE_TAG, ARCHIVED_TAG, SALVAGED_TAG])];
      const fields = { ...snapshot, tree: root, parent: undefined, tags, summary: summaryOf(salvaging) };
      const saved = await writeSnapshot(repository, fields, { recordedAt: clock.now(), signal: lock.signal });
      return { snapshot: saved, lost, files };
    } catch (error) {
      contents.distrust();
      throw error;
    }
  });
}

function summaryOf({ files, bytes }: Salvaging): SnapshotSummary {
  const nothing = { filesNew: 0, filesChanged: 0, addedBytes: 0, addedPackedBytes: 0 };
  return { ...nothing, filesUnmodified: files, files, bytes };
}

class Salvaging {
  readonly lost: TreePath[] = [];
  files = 0;
  bytes = 0;
  readonly #writer: BlobWriter;
  readonly #signal: AbortSignal;
  /** Pieces that were read already: a file may share them with others. */
  readonly #seen: BlobMarks;
  readonly #whole: BlobMarks;
  /** One that has kept nothing from before: what is in memory may be gone from the storage. */
  readonly #reader: BlobReader;

  constructor(contents: Contents, writer: BlobWriter, signal: AbortSignal) {
    this.#seen = new BlobMarks(contents.index);
    this.#whole = new BlobMarks(contents.index);
    this.#reader = new BlobReader(contents.repository, () => contents.index);
    this.#writer = writer;
    this.#signal = signal;
  }

  /** @returns the tree of what is whole; `undefined` if the list of the folder itself is lost */
  async folder(path: TreePath, tree: string): Promise<string | undefined> {
    const nodes = await readTree({ reader: this.#reader, signal: this.#signal }, tree);
    if (nodes === undefined) {
      this.lost.push(path);
      return undefined;
    }
    const lostBefore = this.lost.length;
    const kept: TreeNode[] = [];
    for (const node of nodes) {
      const whole = await this.#wholeNode(joinPath(path, node.name), node);
      if (whole !== undefined) kept.push(whole);
    }
    return this.lost.length === lostBefore ? tree : this.#writer.save(encodeTree(kept), 'tree');
  }

  async #wholeNode(path: TreePath, node: TreeNode): Promise<TreeNode | undefined> {
    if (node.kind === 'folder') {
      const subtree = await this.folder(path, node.subtree);
      return subtree === undefined ? undefined : { ...node, subtree };
    }
    for (const id of node.content) {
      if (await this.#isWhole(id)) continue;
      this.lost.push(path);
      return undefined;
    }
    this.files += 1;
    this.bytes += node.sizeBytes;
    return node;
  }

  async #isWhole(id: string): Promise<boolean> {
    if (this.#seen.has(id, 'data')) return this.#whole.has(id, 'data');
    const isWhole = await this.#canBeRead(id);
    this.#seen.add(id, 'data');
    if (isWhole) this.#whole.add(id, 'data');
    return isWhole;
  }

  async #canBeRead(id: string): Promise<boolean> {
    try {
      await this.#reader.read(id, 'data', { signal: this.#signal });
      return true;
    } catch (error) {
      if (vaultError.matches(error) || isLost(error)) return false;
      throw error;
    }
  }
}
