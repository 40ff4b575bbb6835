import type { TreePath } from './tree-path.ts';

export interface TreeEntry {
  readonly path: TreePath;
  readonly kind: 'file' | 'folder';
  /** Bytes of a file; 0 for a folder. */
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** From `start` on, `end` excluded. Past the end of the file there is nothing. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** How pieces of content are given out. */
export interface ReadOptions {
  /**
   * Pieces are lent: each is good until the next is asked for, then its memory may serve again. For whoever takes in
   * what a piece says at once; a tree may take no notice of it. Default: each piece belongs to the reader.
   */
  readonly lent?: boolean;
}

/**
 * Files in folders, wherever they are: on a disk, in a snapshot, in memory.
 * This one interface joins the product; `tree-contract.ts` says the same as tests.
 */
export interface ReadableTree {
  /**
   * One level, in no particular order. A folder that does not exist lists nothing.
   * @throws `tree.not-a-folder`
   */
  list(folder: TreePath): AsyncIterable<TreeEntry>;
  /** `undefined` if there is nothing of that name. The root always exists. */
  stat(path: TreePath): Promise<TreeEntry | undefined>;
  /**
   * The content in pieces of at most a few hundred KiB. It is opened at the first piece.
   * @throws `tree.not-found`, `tree.is-a-folder`, `tree.input-output`
   */
  read(path: TreePath, range?: ByteRange, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /**
   * Says which files will be read next, in about this order. A tree that has far to go for them, and finds them near each
   * other, fetches them together; most need not know, and none promises anything. See `foreseeing`.
   *
   * @returns when reading them finds what is on its way; never throws
   */
  foresee?(paths: readonly TreePath[]): Promise<void>;
}

/**
 * A tree that can be changed. Writes become visible at once and durable with `flush`.
 * Missing parent folders are made by every call that needs them.
 */
export interface WritableTree extends ReadableTree {
  /** Existing folders are fine. @throws `tree.not-a-folder` if a file is in the way */
  makeFolder(path: TreePath): Promise<void>;
  /**
   * Replaces or makes a file. An old file of that name is unlinked, never overwritten in place.
   * If it fails midway, the file may exist with a part of its content.
   * @param content pieces may be lent
   * @throws `tree.is-a-folder`, `tree.disk-full`, `tree.not-permitted`, whatever `content` throws
   */
  write(path: TreePath, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** Renames a file or folder; what stood at `to` is removed. @throws `tree.not-found` */
  move(from: TreePath, to: TreePath): Promise<void>;
  /** With everything below it. What does not exist is removed already. */
  remove(path: TreePath): Promise<void>;
  /** What can still be written, by our own account (quota, reserve). */
  freeBytes(): Promise<number>;
  /** Returns when everything written since the last flush would survive a power cut. */
  flush(): Promise<void>;
}
