import { isFileID } from './blob-path.ts';
import { FileIDMap } from './file-id-map.ts';

/*
 * SHA-256 of each file of a backup as it arrived, in the format of GNU `sha256sum`, so that anybody can check a
 * backup with that: one line per file, `<64 hex digits>  <UDID>/<path in the device folder>`, in the order of the
 * names. It lies beside the device folder, as `<UDID>.sha256`: nothing foreign belongs into that.
 */

/**
 * Packed SHA-256 by file name: a fileID, or one of the files that describe the backup. A string of 32 characters
 * below 256 takes a fifth of the memory of a buffer. A map is one, too.
 */
export interface ReceivedHashes extends Iterable<readonly [name: string, packed: string]> {
  readonly size: number;
  has(name: string): boolean;
  get(name: string): string | undefined;
}

export const packHash = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1');

/** The hash of a file by its name, if there is one. */
export function receivedHashOf(hashes: ReceivedHashes, name: string): Uint8Array | undefined {
  const packed = hashes.get(name);
  return packed === undefined ? undefined : Buffer.from(packed, 'latin1');
}

/** Without a hash of these, nothing tells which backup the others belong to. */
export const HASHED_CONTROL_FILES: readonly string[] = [
  'Info.plist',
  'Manifest.db',
  'Manifest.plist',
  'Status.plist',
];

const HASH_DIGITS = 64;
const FILE_ID_DIGITS = 40;

/** Longer than any line of ours; whatever has longer ones is something else. */
const LINE_CHARACTERS_MAX = 4096;

const LINES_AT_A_TIME = 1000;

/** @returns `undefined` if it is not such a file */
export async function parseReceivedHashes(
  content: AsyncIterable<Uint8Array>,
): Promise<HashTable | undefined> {
  const hashes = new HashTable();
  for await (const line of linesOf(content)) {
    const hash = Buffer.from(line.slice(0, HASH_DIGITS), 'hex');
    const name = line.slice(line.lastIndexOf('/') + 1);
    const isOurs = isFileID(name) || HASHED_CONTROL_FILES.includes(name);
    if (hash.length * 2 !== HASH_DIGITS || line[HASH_DIGITS] !== ' ' || !isOurs) return undefined;
    hashes.set(name, packHash(hash));
  }
  return hashes;
}

/** @param folderName of the device folder */
export function* encodeReceivedHashes(hashes: ReceivedHashes, folderName: string): Generator<Uint8Array> {
  let lines: string[] = [];
  for (const name of Array.from(hashes, ([each]) => each).sort()) {
    const hash = Buffer.from(hashes.get(name) ?? '', 'latin1').toString('hex');
    const path = name.length === FILE_ID_DIGITS ? `${name.slice(0, 2)}/${name}` : name;
    lines.push(`${hash}  ${folderName}/${path}\n`);
    if (lines.length < LINES_AT_A_TIME) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  yield Buffer.from(lines.join(''));
}

/** Hashes that come and go in any order. Of a file with a fileID they take 80 bytes. */
export class HashTable implements ReceivedHashes {
  readonly #byID = new FileIDMap(HASH_DIGITS / 2);
  /** Whose name is no fileID. */
  readonly #others = new Map<string, string>();

  get size(): number {
    return this.#byID.size + this.#others.size;
  }

  set(name: string, packed: string): void {
    // A part of a line would keep all that was read with it.
    if (!this.#byID.set(name, Buffer.from(packed, 'latin1')))
      this.#others.set(Buffer.from(name).toString(), packed);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get(name: string): string | undefined {
    const hash = this.#byID.get(name);
    return hash ? packHash(hash) : this.#others.get(name);
  }

  delete(name: string): boolean {
    return this.#byID.delete(name) || this.#others.delete(name);
  }

  *[Symbol.iterator](): Generator<readonly [string, string], void> {
    for (const [name, hash] of this.#byID.entries()) yield [name, packHash(hash)];
    yield* this.#others;
  }
}

async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of content) {
    const lines = (rest + Buffer.from(piece).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    // Whatever this is, it is not read to its end.
    if (rest.length > LINE_CHARACTERS_MAX) break;
  }
  if (rest !== '') yield rest;
}
