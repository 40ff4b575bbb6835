import { type Clock, type ReadableTree, systemClock, type TreePath } from '@rootcellar/core';
import { storageError } from '../errors.ts';
import { BlobWriter, type PrepareBlob } from '../repository/blob-writer.ts';
import type { Contents } from '../repository/contents.ts';
import { type Lock, withLock } from '../repository/lock.ts';
import { prepareBlobWith } from '../repository/prepare-blob.ts';
import type { CallOptions } from '../storage/storage.ts';
import { type IsUnchanged, sameSizeAndTime } from './parent-folder.ts';
import { INCOMPLETE_TAG, type Snapshot, type SnapshotFields, type SnapshotSummary } from './snapshot.ts';
import { deleteSnapshot, writeSnapshot } from './snapshot-list.ts';
import { type SavedFile, TreeSaver } from './tree-saver.ts';

export interface SaveOptions extends CallOptions {
  readonly tree: ReadableTree;
  /** What restic shows and groups snapshots by. */
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly username?: string;
  readonly tags?: readonly string[];
  /** Its unchanged files are not read again. */
  readonly parent?: Snapshot;
  /** Default: of the same size and time. */
  readonly isUnchanged?: IsUnchanged;
  /** When the tree was as it is. Default: when saving begins. */
  readonly time?: Date;
  /** Default: none. */
  readonly checkpoints?: CheckpointOptions;
  /** Compresses and seals, for example on other cores. Default: here. */
  readonly prepare?: PrepareBlob;
  readonly packBytes?: number;
  readonly onFile?: (file: SavedFile) => void;
  readonly clock?: Clock;
}

/**
 * A checkpoint is an incomplete snapshot of what has been stored so far: the next attempt begins from it, and
 * pruning keeps it. The one before goes when the next is there, the last one when the snapshot is.
 */
export interface CheckpointOptions {
  /** Content after which there is one. Default: 2 GiB. */
  readonly afterBytes?: number;
  /** Time after which there is one. Default: 5 minutes. */
  readonly afterMs?: number;
  /** The last one stays when the snapshot is there: the caller may still turn the snapshot down. Default: it goes. */
  readonly keepLast?: boolean;
  /** Told of each that is durable, with the files that it has and the one before had not. The one before is still there. */
  readonly onCheckpoint?: (snapshot: Snapshot, files: readonly TreePath[]) => void | Promise<void>;
}

const CHECKPOINT_BYTES = 2 * 1024 ** 3;
const CHECKPOINT_MS = 5 * 60_000;

/**
 * Saves a tree as a snapshot. Packs come first, then the index, the record of the snapshot last: whatever stops it,
 * all earlier snapshots stay as they are, and what was stored already is found by the next attempt.
 *
 * @throws `vault.locked`, `vault.lock-lost`, `vault.file-changed`, what the tree and the storage throw
 */
export async function saveSnapshot(contents: Contents, options: SaveOptions): Promise<Snapshot> {
  const { clock = systemClock, signal } = options;
  return withLock(contents.repository, { clock, signal }, async (lock) => {
    await contents.refresh({ signal: lock.signal });
    try {
      return await new Saving(contents, options, lock, clock).run();
    } catch (error) {
      contents.distrust();
      throw error;
    }
  });
}

class Saving {
  readonly #contents: Contents;
  readonly #options: SaveOptions;
  readonly #lock: Lock;
  readonly #clock: Clock;
  readonly #time: Date;
  readonly #writer: BlobWriter;
  readonly #saver: TreeSaver;
  readonly #counts = { new: 0, changed: 0, unmodified: 0, bytes: 0 };
  #checkpoint: Snapshot | undefined;
  #sinceCheckpoint: { files: TreePath[]; bytes: number; readonly startedAtMs: number };

  constructor(contents: Contents, options: SaveOptions, lock: Lock, clock: Clock) {
    this.#contents = contents;
    this.#options = options;
    this.#lock = lock;
    this.#clock = clock;
    this.#time = options.time ?? clock.now();
    this.#sinceCheckpoint = this.#startCounting();
    const { repository, index } = contents;
    const { prepare = prepareBlobWith(repository.key), packBytes } = options;
    const { signal } = lock;
    this.#writer = new BlobWriter({
      place: repository,
      index,
      prepare,
      signal,
      ...(packBytes && { packBytes }),
    });
    this.#saver = new TreeSaver({
      contents,
      writer: this.#writer,
      tree: options.tree,
      parentTree: options.parent?.tree,
      isUnchanged: options.isUnchanged ?? sameSizeAndTime,
      signal,
      afterFile: (file) => this.#afterFile(file),
    });
  }

  async run(): Promise<Snapshot> {
    const tree = await this.#saver.save();
    const snapshot = await this.#record(tree, this.#options.tags ?? []);
    if (this.#options.checkpoints?.keepLast !== true) await this.#removeCheckpoint();
    return snapshot;
  }

  async #afterFile(file: SavedFile): Promise<void> {
    const { checkpoints, onFile } = this.#options;
    this.#counts[file.change] += 1;
    this.#counts.bytes += file.sizeBytes;
    onFile?.(file);
    if (checkpoints === undefined) return;
    if (checkpoints.onCheckpoint) this.#sinceCheckpoint.files.push(file.path);
    this.#sinceCheckpoint.bytes += file.sizeBytes;
    const { afterBytes = CHECKPOINT_BYTES, afterMs = CHECKPOINT_MS } = checkpoints;
    const ageMs = this.#clock.now().getTime() - this.#sinceCheckpoint.startedAtMs;
    if (this.#sinceCheckpoint.bytes >= afterBytes || ageMs >= afterMs)
      await this.#makeCheckpoint(checkpoints);
  }

  /** The old one goes when the new one is there, and whoever relies on it knows. */
  async #makeCheckpoint({ onCheckpoint }: CheckpointOptions): Promise<void> {
    const { files } = this.#sinceCheckpoint;
    const tree = await this.#saver.saveUnfinished();
    const tags = [...(this.#options.tags ?? []), INCOMPLETE_TAG];
    const checkpoint = await this.#record(tree, tags);
    this.#sinceCheckpoint = this.#startCounting();
    await onCheckpoint?.(checkpoint, files);
    await this.#removeCheckpoint();
    this.#checkpoint = checkpoint;
  }

  /** Everything the record refers to is made durable first. */
  async #record(tree: string, tags: readonly string[]): Promise<Snapshot> {
    const { paths, hostname, username = '', parent } = this.#options;
    await this.#writer.flush();
    this.#contents.addIndexFiles(this.#writer.indexFileIDs);
    await this.#lock.requireHeld();
    const fields: SnapshotFields = {
      time: this.#time,
      tree,
      parent: parent?.recordID,
      paths,
      hostname,
      username,
      tags: [...new Set(tags)],
      summary: this.#summary(),
    };
    const { signal } = this.#lock;
    return writeSnapshot(this.#contents.repository, fields, { recordedAt: this.#clock.now(), signal });
  }

  async #removeCheckpoint(): Promise<void> {
    if (this.#checkpoint === undefined) return;
    try {
      await deleteSnapshot(this.#contents.repository, this.#checkpoint.id, { signal: this.#lock.signal });
    } catch (error) {
      // A storage that only adds keeps it; it is marked as incomplete.
      if (!storageError.matches(error, 'not-permitted')) throw error;
    }
  }

  #summary(): SnapshotSummary {
    const { bytes, packedBytes } = this.#writer.added;
    return {
      filesNew: this.#counts.new,
      filesChanged: this.#counts.changed,
      filesUnmodified: this.#counts.unmodified,
      files: this.#counts.new + this.#counts.changed + this.#counts.unmodified,
      bytes: this.#counts.bytes,
      addedBytes: bytes,
      addedPackedBytes: packedBytes,
    };
  }

  #startCounting() {
    return { files: [], bytes: 0, startedAtMs: this.#clock.now().getTime() };
  }
}
