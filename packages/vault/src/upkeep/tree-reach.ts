import type { Contents } from '../repository/contents.ts';
import type { CallOptions } from '../storage/storage.ts';
import { BlobMarks } from './blob-marks.ts';
import { readTree } from './damaged-snapshots.ts';

/** What trees hold, and which of it none of those has that were reached before. */
export class TreeReach {
  readonly #contents: Contents;
  readonly #reached: BlobMarks;
  readonly #call: CallOptions;

  constructor(contents: Contents, call: CallOptions) {
    this.#contents = contents;
    this.#reached = new BlobMarks(contents.index);
    this.#call = call;
  }

  /** From now on, all that is below the tree is reached. */
  async reach(tree: string): Promise<void> {
    if (this.#reached.has(tree, 'tree')) return;
    this.#reached.add(tree, 'tree');
    for (const node of await this.#nodesOf(tree)) {
      if (node.kind === 'folder') await this.reach(node.subtree);
      else for (const id of node.content) this.#reached.add(id, 'data');
    }
  }

  /** Is there content below it that is in the vault and was not reached yet? */
  async hasMore(tree: string): Promise<boolean> {
    if (this.#reached.has(tree, 'tree')) return false;
    for (const node of await this.#nodesOf(tree)) {
      if (node.kind === 'folder') {
        if (await this.hasMore(node.subtree)) return true;
      } else if (node.content.some((id) => this.#isThere(id) && !this.#reached.has(id, 'data'))) return true;
    }
    return false;
  }

  async count(tree: string): Promise<{ readonly files: number; readonly bytes: number }> {
    let files = 0;
    let bytes = 0;
    for (const node of await this.#nodesOf(tree)) {
      const below =
        node.kind === 'folder' ? await this.count(node.subtree) : { files: 1, bytes: node.sizeBytes };
      files += below.files;
      bytes += below.bytes;
    }
    return { files, bytes };
  }

  #isThere(id: string): boolean {
    return this.#contents.index.get(id, 'data') !== undefined;
  }

  async #nodesOf(tree: string) {
    this.#call.signal?.throwIfAborted();
    return (await readTree({ reader: this.#contents.reader, ...this.#call }, tree)) ?? [];
  }
}
