import { phoneFilesError } from '../errors.ts';
import type { FileContent, NewNodeAttributes, NodeAttributes, PhoneNode } from './phone-file-system.ts';
import { below, namesOf } from './phone-path.ts';

/** One node as the disk keeps it. It does not know its name: its folder does. */
export interface Inode {
  number: number;
  readonly kind: PhoneNode['kind'];
  attributes: Required<NodeAttributes>;
  /** Of a folder; all others share one that stays empty. */
  readonly entries: Map<string, Inode>;
  /** Of a file. */
  content?: FileContent;
  /** Of a link. */
  target?: string;
}

/** The root folder of every HFS+ and APFS volume. */
const ROOT_INODE = 2;

/** The first number given to a file; those below belong to the file system itself. */
const FIRST_FREE_INODE = 1024;

/** Shared by hundreds of thousands of nodes, so nobody may write to them. */
const NO_ENTRIES: Map<string, Inode> = new Map();
const NO_EXTENDED_ATTRIBUTES: ReadonlyMap<string, Uint8Array> = new Map();

/** Folders, files and links by name, and the numbers they go by. Times are the caller's business. */
export class InodeTree {
  root: Inode;
  #nextInode = FIRST_FREE_INODE;
  readonly #taken = new Set<number>();

  constructor(now: number) {
    this.root = {
      number: ROOT_INODE,
      kind: 'folder',
      attributes: newAttributes('folder', now),
      entries: new Map(),
    };
    this.#taken.add(ROOT_INODE);
  }

  find(path: string): Inode | undefined {
    let node: Inode | undefined = this.root;
    for (const name of namesOf(path)) node = node?.entries.get(name);
    return node;
  }

  /** @throws `phone-files.not-found` */
  get(path: string): Inode {
    const node = this.find(path);
    if (node === undefined) throw phoneFilesError('not-found');
    return node;
  }

  /** The folder at `path`, made if it is missing, with its parents. @throws `phone-files.not-a-folder` */
  folder(path: string, now: number): Inode {
    let node = this.root;
    for (const name of namesOf(path)) {
      let next = node.entries.get(name);
      if (next === undefined) {
        next = this.create('folder', now);
        node.entries.set(name, next);
      }
      if (next.kind !== 'folder') throw phoneFilesError('not-a-folder');
      node = next;
    }
    return node;
  }

  create(kind: PhoneNode['kind'], now: number, attributes: NewNodeAttributes = {}): Inode {
    return {
      number: this.#takeNumber(attributes.inode),
      kind,
      attributes: newAttributes(kind, now, attributes),
      entries: kind === 'folder' ? new Map() : NO_ENTRIES,
    };
  }

  /** Gives `node` the number it wishes for, if it is free. */
  renumber(node: Inode, wished: number | undefined): void {
    if (wished === undefined || wished === node.number || node === this.root || this.#taken.has(wished))
      return;
    this.#taken.delete(node.number);
    node.number = this.#takeNumber(wished);
  }

  /** Gives the numbers of a removed node and of all below free again. */
  forget(node: Inode): void {
    this.#taken.delete(node.number);
    for (const entry of node.entries.values()) this.forget(entry);
  }

  *walk(path: string, enter: (node: PhoneNode) => boolean = () => true): Iterable<PhoneNode> {
    const start = this.find(path);
    if (start === undefined) return;
    const waiting: { readonly path: string; readonly node: Inode }[] = [{ path, node: start }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { path: folder, node } = next;
      const found = asPhoneNode(folder, node);
      if (!enter(found)) continue;
      yield found;
      if (node.entries.size === 0) continue;
      const names = [...node.entries.keys()].sort().reverse();
      for (const name of names) {
        const entry = node.entries.get(name);
        if (entry !== undefined) waiting.push({ path: below(folder, name), node: entry });
      }
    }
  }

  #takeNumber(wished: number | undefined): number {
    let number = wished ?? this.#nextInode;
    if (!Number.isSafeInteger(number) || number <= ROOT_INODE || this.#taken.has(number)) {
      number = this.#nextInode;
    }
    while (this.#taken.has(number)) number += 1;
    this.#nextInode = Math.max(this.#nextInode, number + 1);
    this.#taken.add(number);
    return number;
  }
}

export function asPhoneNode(path: string, node: Inode): PhoneNode {
  const { kind, attributes, number: inode, content, target } = node;
  const sizeBytes = content?.sizeBytes ?? 0;
  if (content !== undefined) return { path, kind, attributes, inode, sizeBytes, content };
  if (target !== undefined) return { path, kind, attributes, inode, sizeBytes, target };
  return { path, kind, attributes, inode, sizeBytes };
}

/**
 * What iOS gives to something new of user `mobile` (501). Class 3 (until first unlock) is the default
 * of files, none that of folders and links.
 * Source: observed on iOS 14/15 and 27.0 manifests (links are 0120755, app files class 3).
 */
export function newAttributes(
  kind: PhoneNode['kind'],
  now: number,
  given: NodeAttributes = {},
): Required<NodeAttributes> {
  return {
    permissions: given.permissions ?? (kind === 'file' ? 0o644 : 0o755),
    userID: given.userID ?? 501,
    groupID: given.groupID ?? 501,
    modifiedAt: given.modifiedAt ?? now,
    changedAt: given.changedAt ?? now,
    bornAt: given.bornAt ?? given.modifiedAt ?? now,
    protectionClass: given.protectionClass ?? (kind === 'file' ? 3 : 0),
    flags: given.flags ?? 0,
    extendedAttributes: given.extendedAttributes ?? NO_EXTENDED_ATTRIBUTES,
  };
}
