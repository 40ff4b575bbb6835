import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@rootcellar/core';
import { phoneFilesError } from '../errors.ts';
import { type ContentStore, folderContentStore, memoryContentStore } from './content-store.ts';
import { bytesContent } from './file-content.ts';
import { asPhoneNode, type Inode, InodeTree } from './inode-tree.ts';
import type {
  FileContent,
  NewNodeAttributes,
  NodeAttributes,
  PhoneFileSystem,
  PhoneNode,
  Recipe,
} from './phone-file-system.ts';
import { folderOf, namesOf } from './phone-path.ts';
import { loadTree, saveTree } from './saved-tree.ts';

export interface PhoneFilesOptions {
  readonly clock: Clock;
  /** 128 GB, decimal as on the box, unless given. */
  readonly capacityBytes?: number;
  /** Where the disk survives the simulator; without it everything is in memory. */
  readonly stateFolder?: string | undefined;
  /** Makes content again from what was saved of it; needed by a phone that has such content. */
  readonly remake?: (recipe: Recipe) => FileContent;
}

const CAPACITY_BYTES = 128_000_000_000;

/**
 * The disk of one phone: empty, or as it was last saved in `stateFolder`.
 *
 * @throws `phone-files.state-damaged` if what is saved there cannot be read
 */
export async function createPhoneFiles(options: PhoneFilesOptions): Promise<PhoneFileSystem> {
  const { clock, stateFolder, capacityBytes = CAPACITY_BYTES } = options;
  const tree = new InodeTree(seconds(clock));
  if (stateFolder === undefined)
    return new PhoneFiles({ tree, clock, capacityBytes, store: memoryContentStore() });
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const store = await folderContentStore(join(stateFolder, 'content'));
  await loadTree(stateFolder, tree, { store, remake: options.remake });
  return new PhoneFiles({ tree, clock, capacityBytes, store, stateFolder });
}

/** Guards the tree: every change goes through here, sets its times and is counted. */
class PhoneFiles implements PhoneFileSystem {
  readonly capacityBytes: number;
  readonly #tree: InodeTree;
  readonly #clock: Clock;
  readonly #store: ContentStore;
  readonly #stateFolder: string | undefined;
  #usedBytes: number;
  #reservedBytes = 0;
  /** Is there anything that the state folder does not have? The list of a large phone takes seconds to write. */
  #isUnsaved = true;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: {
    readonly tree: InodeTree;
    readonly clock: Clock;
    readonly capacityBytes: number;
    readonly store: ContentStore;
    readonly stateFolder?: string;
  }) {
    this.#tree = parts.tree;
    this.#clock = parts.clock;
    this.#store = parts.store;
    this.#stateFolder = parts.stateFolder;
    this.capacityBytes = parts.capacityBytes;
    this.#usedBytes = bytesBelow(parts.tree.root);
  }

  stat(path: string): PhoneNode | undefined {
    const node = this.#tree.find(path);
    return node && asPhoneNode(path, node);
  }

  list(folder: string): readonly string[] {
    return [...(this.#tree.find(folder)?.entries.keys() ?? [])].sort();
  }

  walk(root: string, enter?: (node: PhoneNode) => boolean): Iterable<PhoneNode> {
    return this.#tree.walk(root, enter);
  }

  writeFile(path: string, given: Uint8Array | FileContent, attributes: NewNodeAttributes = {}): PhoneNode {
    const content = given instanceof Uint8Array ? bytesContent(new Uint8Array(given)) : given;
    const old = this.#tree.find(path);
    if (old?.kind === 'folder') throw phoneFilesError('is-a-folder');
    this.#requireRoom(content.sizeBytes - (old?.content?.sizeBytes ?? 0));
    const node = old?.kind === 'file' ? old : this.#place(path, 'file', attributes);
    this.#usedBytes += content.sizeBytes - (node.content?.sizeBytes ?? 0);
    if (node === old) this.#change(node, { modifiedAt: this.#now(), ...attributes });
    node.content = content;
    return asPhoneNode(path, node);
  }

  makeFolder(path: string, attributes: NewNodeAttributes = {}): PhoneNode {
    const old = this.#tree.find(path);
    if (old !== undefined && old.kind !== 'folder') throw phoneFilesError('not-a-folder');
    if (old === undefined) return asPhoneNode(path, this.#place(path, 'folder', attributes));
    if (Object.keys(attributes).length > 0) this.#change(old, attributes);
    return asPhoneNode(path, old);
  }

  makeLink(path: string, target: string, attributes: NewNodeAttributes = {}): PhoneNode {
    if (this.#tree.find(path)?.kind === 'folder') throw phoneFilesError('is-a-folder');
    const node = this.#place(path, 'link', attributes);
    node.target = target;
    return asPhoneNode(path, node);
  }

  receiveContent(pieces: AsyncIterable<Uint8Array>): Promise<FileContent> {
    return this.#store.receive(pieces);
  }

  rename(from: string, to: string): void {
    const node = this.#tree.get(from);
    if (from === to) return;
    if (from === '/' || to.startsWith(`${from}/`)) throw phoneFilesError('into-itself');
    if (to === '/' || from.startsWith(`${to}/`)) throw phoneFilesError('is-a-folder');
    const parent = this.#tree.folder(folderOf(to), this.#now());
    this.remove(to);
    this.#parentOf(from)?.entries.delete(lastName(from));
    parent.entries.set(lastName(to), node);
    this.#change(node, {});
  }

  remove(path: string): void {
    const node = this.#tree.find(path);
    if (node === undefined) return;
    this.#isUnsaved = true;
    this.#usedBytes -= bytesBelow(node);
    if (path === '/') {
      for (const entry of node.entries.values()) this.#tree.forget(entry);
      node.entries.clear();
      return;
    }
    this.#tree.forget(node);
    this.#parentOf(path)?.entries.delete(lastName(path));
  }

  setAttributes(path: string, attributes: NodeAttributes): void {
    this.#change(this.#tree.get(path), attributes);
  }

  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  reserve(bytes: number): void {
    this.#reservedBytes = bytes;
  }

  usedBytes(): number {
    return this.#usedBytes + this.#reservedBytes;
  }

  save(): Promise<void> {
    const folder = this.#stateFolder;
    if (folder === undefined) return Promise.resolve();
    const saved = this.#saving.then(() => this.#saveTo(folder));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async #saveTo(folder: string): Promise<void> {
    if (!this.#isUnsaved) return;
    this.#isUnsaved = false;
    try {
      await saveTree(folder, this.#tree, this.#store);
    } catch (error) {
      this.#isUnsaved = true;
      throw error;
    }
  }

  /** Puts a new node at `path`, in place of a file or link. */
  #place(path: string, kind: PhoneNode['kind'], attributes: NewNodeAttributes): Inode {
    const parent = this.#tree.folder(folderOf(path), this.#now());
    this.remove(path);
    const node = this.#tree.create(kind, this.#now(), attributes);
    this.#isUnsaved = true;
    parent.entries.set(lastName(path), node);
    return node;
  }

  #change(node: Inode, given: NewNodeAttributes): void {
    const { inode, ...attributes } = given;
    this.#tree.renumber(node, inode);
    this.#isUnsaved = true;
    const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const changedAt = Math.max(this.#now(), node.attributes.changedAt + 1);
    node.attributes = { ...node.attributes, changedAt, ...Object.fromEntries(present) };
  }

  #parentOf(path: string): Inode | undefined {
    return this.#tree.find(folderOf(path));
  }

  #requireRoom(neededBytes: number): void {
    const freeBytes = this.capacityBytes - this.usedBytes();
    if (neededBytes > freeBytes) throw phoneFilesError('full', { freeBytes, neededBytes });
  }

  #now(): number {
    return seconds(this.#clock);
  }
}

function seconds(clock: Clock): number {
  return Math.floor(clock.now().getTime() / 1000);
}

/** @throws `phone-files.is-a-folder` for the root, which has no name */
function lastName(path: string): string {
  const name = namesOf(path).at(-1);
  if (name === undefined) throw phoneFilesError('is-a-folder');
  return name;
}

function bytesBelow(node: Inode): number {
  let bytes = node.content?.sizeBytes ?? 0;
  for (const entry of node.entries.values()) bytes += bytesBelow(entry);
  return bytes;
}
