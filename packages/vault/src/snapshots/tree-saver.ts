import { nameOf, type ReadableTree, ROOT, type TreeEntry, type TreePath } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import type { BlobWriter } from '../repository/blob-writer.ts';
import type { Contents } from '../repository/contents.ts';
import { cutFile } from './cut-file.ts';
import { type IsUnchanged, isWholeInVault, loadParentFolder, type ParentFolder } from './parent-folder.ts';
import { byName, encodeTree, type TreeNode } from './tree-format.ts';

export interface TreeSaverOptions {
  readonly contents: Contents;
  readonly writer: BlobWriter;
  readonly tree: ReadableTree;
  /** Tree blob of the root of the snapshot before. */
  readonly parentTree: string | undefined;
  readonly isUnchanged: IsUnchanged;
  readonly signal: AbortSignal;
  /** Called after each file that is on its way: the time for a checkpoint. */
  readonly afterFile: (file: SavedFile) => Promise<void>;
}

export interface SavedFile {
  readonly path: TreePath;
  readonly sizeBytes: number;
  readonly change: 'new' | 'changed' | 'unmodified';
}

/** A folder that is being walked. */
interface OpenFolder {
  readonly name: string;
  readonly modifiedAt: Date;
  readonly nodes: TreeNode[];
}

/** Walks a tree, folder by folder, and stores what is in it. */
export class TreeSaver {
  readonly #options: TreeSaverOptions;
  /** From the root to the folder that is being walked. */
  readonly #open: OpenFolder[] = [];

  constructor(options: TreeSaverOptions) {
    this.#options = options;
  }

  /** @returns the id of the tree blob of the root; durable after the writer's `flush` */
  save(): Promise<string> {
    return this.#saveFolder(ROOT, { name: '', modifiedAt: new Date(0) }, this.#options.parentTree);
  }

  /** Stores the tree as far as it has been walked, without what is still missing. @returns as `save` */
  async saveUnfinished(): Promise<string> {
    let below: TreeNode | undefined;
    let subtree = '';
    for (const { name, modifiedAt, nodes } of this.#open.toReversed()) {
      subtree = await this.#saveNodes(below ? [...nodes, below] : nodes);
      below = { kind: 'folder', name, modifiedAt, subtree };
    }
    return subtree;
  }

  async #saveFolder(
    path: TreePath,
    folder: Omit<OpenFolder, 'nodes'>,
    parentTree: string | undefined,
  ): Promise<string> {
    const { tree, contents, signal } = this.#options;
    const parent = await loadParentFolder(contents.reader, parentTree);
    const entries = await sortedEntries(tree, path);
    const nodes: TreeNode[] = [];
    this.#open.push({ ...folder, nodes });
    for (const { name, entry } of entries) {
      signal.throwIfAborted();
      if (entry.kind === 'file') {
        const saved = await this.#saveFile(name, entry, parent);
        nodes.push(saved.node);
        await this.#options.afterFile({ path: entry.path, sizeBytes: entry.sizeBytes, change: saved.change });
      } else {
        const before = parent.get(name);
        const below = { name, modifiedAt: entry.modifiedAt };
        const subtree = await this.#saveFolder(
          entry.path,
          below,
          before?.kind === 'folder' ? before.subtree : undefined,
        );
        nodes.push({ kind: 'folder', ...below, subtree });
      }
    }
    this.#open.pop();
    return this.#saveNodes(nodes);
  }

  async #saveFile(
    name: string,
    entry: TreeEntry,
    parent: ParentFolder,
  ): Promise<{ readonly node: TreeNode; readonly change: SavedFile['change'] }> {
    const { contents, isUnchanged } = this.#options;
    const before = parent.get(name);
    const common = { kind: 'file', name, modifiedAt: entry.modifiedAt, sizeBytes: entry.sizeBytes } as const;
    if (before?.kind === 'file' && isUnchanged(entry, before) && isWholeInVault(before, contents.index)) {
      return {
        node: { ...common, content: before.content, sizeBytes: before.sizeBytes },
        change: 'unmodified',
      };
    }
    const node = { ...common, content: await this.#saveContent(entry) };
    return { node, change: before === undefined ? 'new' : 'changed' };
  }

  /** @throws `vault.file-changed` if it is longer or shorter than it was listed */
  async #saveContent(entry: TreeEntry): Promise<readonly string[]> {
    const { tree, contents, writer } = this.#options;
    const content: string[] = [];
    let bytes = 0;
    for await (const chunk of cutFile(tree, entry, contents.repository.config)) {
      bytes += chunk.length;
      content.push(await writer.save(chunk, 'data'));
    }
    if (bytes !== entry.sizeBytes) {
      throw vaultError('file-changed', { expectedBytes: entry.sizeBytes, receivedBytes: bytes });
    }
    return content;
  }

  #saveNodes(nodes: readonly TreeNode[]): Promise<string> {
    return this.#options.writer.save(encodeTree(nodes), 'tree');
  }
}

async function sortedEntries(
  tree: ReadableTree,
  folder: TreePath,
): Promise<readonly { readonly name: string; readonly entry: TreeEntry }[]> {
  const entries: { readonly name: string; readonly entry: TreeEntry }[] = [];
  for await (const entry of tree.list(folder)) entries.push({ name: nameOf(entry.path), entry });
  return entries.sort(byName);
}
