import { createHash } from 'node:crypto';
import type {
  FileContent,
  NodeAttributes,
  PhoneFileSystem,
  PhoneNode,
} from '../file-system/phone-file-system.ts';
import type { NodeAnswer } from './control-protocol.ts';
import { field, neededText, Refused } from './control-request.ts';

type Body = Readonly<Record<string, unknown>>;

const NUMBERS = [
  'permissions',
  'userID',
  'groupID',
  'modifiedAt',
  'changedAt',
  'bornAt',
  'protectionClass',
  'flags',
] as const;

/** @throws `Refused` if it is no absolute device path, or nothing is there */
export function nodeNamed(files: PhoneFileSystem, path: string): PhoneNode {
  const node = files.stat(devicePath(path));
  if (!node) throw new Refused('no-such-file', 'There is no such file on the phone.');
  return node;
}

/** @throws `Refused` if it is no absolute device path */
export function devicePath(path: string): string {
  const segments = path.split('/').slice(1);
  const isSafe = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!path.startsWith('/') || path.includes('\0') || (path !== '/' && !isSafe)) {
    throw new Refused('bad-request', 'A path begins with / and has no empty, . or .. parts.');
  }
  return path;
}

/** @throws `Refused` if it is no file */
export function contentOf(node: PhoneNode): FileContent {
  if (!node.content) throw new Refused('bad-request', 'This is a folder or a link.');
  return node.content;
}

export async function describeNode(node: PhoneNode): Promise<NodeAnswer> {
  const { extendedAttributes, ...attributes } = node.attributes;
  const encoded = [...extendedAttributes].map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  return {
    path: node.path,
    kind: node.kind,
    ...attributes,
    extendedAttributes: Object.fromEntries(encoded),
    inode: node.inode,
    sizeBytes: node.sizeBytes,
    ...(node.content && { sha256: await sha256(node.content) }),
    ...(node.target !== undefined && { target: node.target }),
  };
}

export function renameNode(files: PhoneFileSystem, body: Body): void {
  const from = nodeNamed(files, neededText(body, 'from')).path;
  const to = devicePath(neededText(body, 'to'));
  if (`${to}/`.startsWith(`${from}/`)) throw new Refused('bad-request', 'A folder cannot move into itself.');
  files.rename(from, to);
}

/** @returns the node as it is then */
export function changeAttributes(files: PhoneFileSystem, body: Body): PhoneNode {
  const { path } = nodeNamed(files, neededText(body, 'path'));
  const numbers = NUMBERS.map((name) => [name, field(body, name, 'number')] as const);
  const given = Object.fromEntries(numbers.filter(([, value]) => value !== undefined)) as NodeAttributes;
  const extendedAttributes = readExtendedAttributes(body['extendedAttributes']);
  files.setAttributes(path, { ...given, ...(extendedAttributes && { extendedAttributes }) });
  return nodeNamed(files, path);
}

function readExtendedAttributes(value: unknown): ReadonlyMap<string, Uint8Array> | undefined {
  if (value === undefined) return undefined;
  const pairs = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  if (!pairs?.every((pair): pair is [string, string] => typeof pair[1] === 'string')) {
    throw new Refused('bad-request', 'extendedAttributes has to be an object of Base64 texts.');
  }
  return new Map(pairs.map(([name, encoded]) => [name, Uint8Array.from(Buffer.from(encoded, 'base64'))]));
}

async function sha256(content: FileContent): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of content.read()) hash.update(piece);
  return hash.digest('hex');
}
