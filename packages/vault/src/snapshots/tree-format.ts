import { vaultError } from '../errors.ts';
import { asArray, asCount, asObject, asText, asTexts, parseJson } from '../repository/json-fields.ts';
import { isStoredID } from '../storage/storage.ts';
import { goJson, goQuote, goUnquote } from './go-quote.ts';
import { parseTime, timeText } from './time-text.ts';

/** A file or folder in a tree blob. Source: restic, `doc/design.rst`, Trees and Data. */
export type TreeNode = FileNode | FolderNode;

export interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  readonly modifiedAt: Date;
  readonly sizeBytes: number;
  /** Ids of its pieces, in order. */
  readonly content: readonly string[];
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly name: string;
  readonly modifiedAt: Date;
  /** Id of its own tree blob. */
  readonly subtree: string;
}

/** Permissions as Go counts them, where a folder has the highest bit. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0x8000_0000 + 0o700;

/**
 * A tree blob. Nodes must be in the order of `byName`. The same nodes give the same bytes on every machine, so an
 * unchanged folder is stored once: that is why there is no owner, and only one time.
 */
export function encodeTree(nodes: readonly TreeNode[]): Uint8Array {
  return Buffer.from(`${goJson({ nodes: nodes.map(nodeToJson) })}\n`);
}

/**
 * @returns files and folders; what else a Unix disk holds is left out
 * @throws `vault.tree-damaged`
 */
export function decodeTree(bytes: Uint8Array): readonly TreeNode[] {
  const document = asObject(parseJson(bytes));
  // Go writes an empty list as null.
  const nodes = asArray(document?.['nodes'] ?? []);
  if (document === undefined || nodes === undefined) throw vaultError('tree-damaged', { reason: 'no list' });
  return nodes.map(parseNode).filter((node) => node !== undefined);
}

/** By the bytes of their names, as Go sorts. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  const units = Math.min(a.name.length, b.name.length);
  for (let at = 0; at < units; at += 1) {
    const difference = rankOf(a.name.charCodeAt(at)) - rankOf(b.name.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.name.length - b.name.length;
}

/** UTF-16 sorts the halves of characters beyond U+FFFF before U+E000; UTF-8 sorts such characters last. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function nodeToJson(node: TreeNode): unknown {
  const time = timeText(node.modifiedAt);
  const common = { mtime: time, atime: time, ctime: time, uid: 0, gid: 0 };
  const name = goQuote(node.name);
  if (node.kind === 'folder') {
    return { name, type: 'dir', mode: FOLDER_MODE, ...common, content: null, subtree: node.subtree };
  }
  const size = node.sizeBytes === 0 ? {} : { size: node.sizeBytes };
  return { name, type: 'file', mode: FILE_MODE, ...common, ...size, links: 1, content: node.content };
}

function parseNode(value: unknown): TreeNode | undefined {
  const fields = asObject(value);
  const name = goUnquote(asText(fields?.['name']) ?? '');
  const modifiedAt = parseTime(fields?.['mtime']) ?? new Date(0);
  if (fields === undefined || !name) throw vaultError('tree-damaged', { reason: 'name' });
  if (fields['type'] === 'dir') {
    const subtree = asText(fields['subtree']);
    if (subtree === undefined || !isStoredID(subtree))
      throw vaultError('tree-damaged', { reason: 'subtree' });
    return { kind: 'folder', name, modifiedAt, subtree };
  }
  if (fields['type'] !== 'file') return undefined;
  const content = asTexts(fields['content'] ?? []);
  const sizeBytes = asCount(fields['size'] ?? 0);
  if (content === undefined || !content.every(isStoredID))
    throw vaultError('tree-damaged', { reason: 'content' });
  if (sizeBytes === undefined) throw vaultError('tree-damaged', { reason: 'size' });
  return { kind: 'file', name, modifiedAt, sizeBytes, content };
}
