import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phoneFilesError } from '../errors.ts';
import { type ContentStore, isContentId, writeDurably } from './content-store.ts';
import { type Inode, type InodeTree, newAttributes } from './inode-tree.ts';
import type { FileContent, NodeAttributes, PhoneNode, Recipe } from './phone-file-system.ts';
import { folderOf, namesOf } from './phone-path.ts';

/** The names and metadata of all files; their bytes are in `content/`, under the names written here. */
const FILE_NAME = 'files.json';

/** Goes up when an older program could no longer read the file: 2 brought recipes. */
const VERSION = 2;

/** Contents that are written at the same time: disks flush many files as fast as one. */
const CONTENTS_AT_ONCE = 32;

interface SavedNode {
  readonly path: string;
  readonly kind: PhoneNode['kind'];
  readonly inode: number;
  readonly attributes: Omit<Required<NodeAttributes>, 'extendedAttributes'>;
  /** Name and Base64. */
  readonly extendedAttributes: readonly (readonly [string, string])[];
  readonly content?: string;
  /** Instead of `content`: how to make it again. */
  readonly recipe?: Recipe;
  readonly sizeBytes?: number;
  readonly target?: string;
}

/** Makes contents durable first, then the list that names them: a cut in between loses nothing. */
export async function saveTree(folder: string, tree: InodeTree, store: ContentStore): Promise<void> {
  for (let unsaved = unsavedFiles(tree, store); unsaved.length > 0; unsaved = unsavedFiles(tree, store)) {
    for (let at = 0; at < unsaved.length; at += CONTENTS_AT_ONCE) {
      const some = unsaved.slice(at, at + CONTENTS_AT_ONCE);
      await Promise.all(some.map((node) => makeDurable(node, store)));
    }
  }
  const nodes = [...tree.walk('/')].map((node) => savedNode(node, store));
  const text = JSON.stringify({ version: VERSION, nodes });
  await writeDurably(join(folder, FILE_NAME), [Buffer.from(text)]);
}

/** Where the contents that a saved tree names come from. */
export interface SavedContents {
  readonly store: ContentStore;
  readonly remake?: ((recipe: Recipe) => FileContent) | undefined;
}

/** Fills an empty tree from `folder`; without saved state it stays empty. @throws `phone-files.state-damaged` */
export async function loadTree(folder: string, tree: InodeTree, saved: SavedContents): Promise<void> {
  const text = await readFile(join(folder, FILE_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw phoneFilesError('state-damaged', { reason: 'unreadable' }, error);
  });
  const contents = new Set<string>();
  try {
    for (const node of text === undefined ? [] : parseSaved(text)) {
      addNode(tree, node, saved);
      if (node.content !== undefined) contents.add(node.content);
    }
  } catch (error) {
    if (phoneFilesError.matches(error, 'state-damaged')) throw error;
    throw phoneFilesError('state-damaged', { reason: 'not as written' }, error);
  }
  await saved.store.keepOnly(contents);
}

async function makeDurable(node: Inode, store: ContentStore): Promise<void> {
  const content = node.content;
  if (content === undefined) return;
  const durable = await store.receive(content.read());
  if (node.content === content) node.content = durable;
}

function unsavedFiles(tree: InodeTree, store: ContentStore): readonly Inode[] {
  const unsaved: Inode[] = [];
  const look = (node: Inode): void => {
    const { content } = node;
    if (content !== undefined && content.recipe === undefined && store.idOf(content) === undefined)
      unsaved.push(node);
    for (const entry of node.entries.values()) look(entry);
  };
  look(tree.root);
  return unsaved;
}

function savedNode(node: PhoneNode, store: ContentStore): SavedNode {
  const { extendedAttributes, ...attributes } = node.attributes;
  const content = node.content && store.idOf(node.content);
  return {
    path: node.path,
    kind: node.kind,
    inode: node.inode,
    attributes,
    extendedAttributes: [...extendedAttributes].map(([name, bytes]) => [
      name,
      Buffer.from(bytes).toString('base64'),
    ]),
    ...(content === undefined ? {} : { content, sizeBytes: node.sizeBytes }),
    ...(node.content?.recipe === undefined ? {} : { recipe: node.content.recipe }),
    ...(node.target === undefined ? {} : { target: node.target }),
  };
}

function parseSaved(text: string): readonly SavedNode[] {
  const saved: { version?: unknown; nodes?: unknown } = JSON.parse(text);
  if (saved.version !== 1 && saved.version !== VERSION)
    throw phoneFilesError('state-damaged', { reason: 'another version' });
  if (!Array.isArray(saved.nodes)) throw phoneFilesError('state-damaged', { reason: 'no files' });
  return saved.nodes;
}

function addNode(tree: InodeTree, saved: SavedNode, contents: SavedContents): void {
  const extendedAttributes = new Map(
    saved.extendedAttributes.map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]),
  );
  const attributes = { ...saved.attributes, extendedAttributes };
  const name = namesOf(saved.path).at(-1);
  if (name === undefined) {
    tree.root.attributes = newAttributes('folder', 0, attributes);
    return;
  }
  const node = tree.create(saved.kind, 0, { ...attributes, inode: saved.inode });
  if (saved.kind === 'file') {
    node.content = savedContent(saved, contents);
  }
  if (saved.target !== undefined) node.target = saved.target;
  tree.folder(folderOf(saved.path), 0).entries.set(name, node);
}

function savedContent(saved: SavedNode, { store, remake }: SavedContents): FileContent {
  if (saved.recipe !== undefined && remake !== undefined) return remake(saved.recipe);
  if (saved.content === undefined || !isContentId(saved.content)) {
    throw phoneFilesError('state-damaged', { reason: 'a file without content' });
  }
  return store.reopen(saved.content, saved.sizeBytes ?? 0);
}
