import type { FileContent, PhoneFileSystem, PhoneNode } from '../../file-system/phone-file-system.ts';
import { STATUS } from './afc-packet.ts';

/** `mobile`, who owns everything AFC makes. */
const MOBILE_ID = 501;
const FOLDER_ATTRIBUTES = { permissions: 0o755, userID: MOBILE_ID, groupID: MOBILE_ID, protectionClass: 3 };
const FILE_ATTRIBUTES = { permissions: 0o644, userID: MOBILE_ID, groupID: MOBILE_ID, protectionClass: 3 };

/** An open file that is written to is held in memory until it is closed. Our limit. */
export const OPEN_FILE_BYTES_MAX = 256 * 1024 * 1024;

/** A refusal with AFC's own number. Thrown inside the service only. */
export class AfcRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`AFC status ${status}`);
    this.status = status;
  }
}

/** @throws `AfcRefusal` if nothing is there */
export function nodeAt(files: PhoneFileSystem, path: string): PhoneNode {
  const node = files.stat(path);
  if (!node) throw new AfcRefusal(STATUS.notFound);
  return node;
}

/** Succeeds where the folder exists already. Source: interop, section 3. */
export function makeFolder(files: PhoneFileSystem, path: string): void {
  const there = files.stat(path);
  if (there?.kind === 'folder') return;
  if (there) throw new AfcRefusal(STATUS.exists);
  files.makeFolder(path, FOLDER_ATTRIBUTES);
}

/** A new file; an old one keeps what it is and loses its content. */
export function writeFile(files: PhoneFileSystem, path: string, content: Uint8Array): void {
  const there = files.stat(path);
  const parent = files.stat(path.slice(0, path.lastIndexOf('/')));
  if (there?.kind === 'folder') throw new AfcRefusal(STATUS.isFolder);
  if (parent?.kind !== 'folder') throw new AfcRefusal(STATUS.notFound);
  const freeBytes = files.capacityBytes - files.usedBytes() + (there?.sizeBytes ?? 0);
  if (content.length > freeBytes) throw new AfcRefusal(STATUS.noSpaceLeft);
  files.writeFile(path, content, there ? undefined : FILE_ATTRIBUTES);
}

export function removePath(files: PhoneFileSystem, path: string, withContents: boolean): void {
  const node = nodeAt(files, path);
  // Source: device-protocols, section 9.1: status 1 means that the folder is not empty.
  if (!withContents && node.kind === 'folder' && files.list(path).length > 0)
    throw new AfcRefusal(STATUS.unknown);
  files.remove(path);
}

/** A symbolic link; what stands there already stays. */
export function makeLink(files: PhoneFileSystem, path: string, target: string): void {
  if (files.stat(path)) throw new AfcRefusal(STATUS.exists);
  if (files.stat(path.slice(0, path.lastIndexOf('/')))?.kind !== 'folder')
    throw new AfcRefusal(STATUS.notFound);
  files.makeLink(path, target, { userID: MOBILE_ID, groupID: MOBILE_ID });
}

/** At most `bytes` bytes from `start` on; none at the end. */
export async function readPart(content: FileContent, start: number, bytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let missing = Math.min(bytes, Math.max(0, content.sizeBytes - start));
  if (missing === 0) return new Uint8Array();
  for await (const piece of content.read(start)) {
    const part = piece.subarray(0, missing);
    parts.push(part);
    missing -= part.length;
    if (missing === 0) break;
  }
  return Buffer.concat(parts);
}

/** Source: device-protocols, section 9.1: keys of GET_FILE_INFO; times are nanoseconds. */
export function describeNode(files: PhoneFileSystem, node: PhoneNode): readonly string[] {
  const kind = { file: 'S_IFREG', folder: 'S_IFDIR', link: 'S_IFLNK' }[node.kind];
  const links = node.kind === 'folder' ? files.list(node.path).length + 2 : 1;
  const facts = [
    ['st_size', node.sizeBytes],
    ['st_blocks', Math.ceil(node.sizeBytes / 512)],
    ['st_nlink', links],
    ['st_ifmt', kind],
    ['st_mtime', nanoseconds(node.attributes.modifiedAt)],
    ['st_birthtime', nanoseconds(node.attributes.bornAt)],
    ...(node.target === undefined ? [] : [['LinkTarget', node.target]]),
  ];
  return facts.flat().map(String);
}

function nanoseconds(unixSeconds: number): bigint {
  return BigInt(unixSeconds) * 1_000_000_000n;
}
