import { nameOf, type TreePath } from '@rootcellar/core';
import { isFileID } from './blob-path.ts';

/*
 * SHA-256 of each blob of a backup as it arrived, in the format of GNU `sha256sum`, so that anybody can check a
 * backup with that: one line per blob, `<64 hex digits>  <UDID>/<two digits>/<fileID>`, in the order of the names.
 * It lies beside the device folder, as `<UDID>.sha256`: nothing foreign belongs into that.
 */

/** SHA-256 by fileID, in little memory: a string of 32 characters below 256 for each. */
export type ReceivedHashes = ReadonlyMap<string, string>;

/** How a hash is kept in memory. */
export const packHash = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1');
export const unpackHash = (packed: string): Uint8Array => Buffer.from(packed, 'latin1');

const LINE = /^([0-9a-f]{64})[ ][ *](.*)$/;

/** Longer than any line of ours; whatever has longer ones is something else. */
const LINE_CHARACTERS_MAX = 4096;

/** @returns `undefined` if it is not such a file */
export async function parseReceivedHashes(
  content: AsyncIterable<Uint8Array>,
): Promise<ReceivedHashes | undefined> {
  const hashes = new Map<string, string>();
  for await (const line of linesOf(content)) {
    const match = LINE.exec(line);
    const fileID = match?.[2] === undefined ? '' : nameOf(match[2] as TreePath);
    if (match?.[1] === undefined || !isFileID(fileID)) return undefined;
    hashes.set(fileID, packHash(Buffer.from(match[1], 'hex')));
  }
  return hashes;
}

/** @param folderName of the device folder */
export function* encodeReceivedHashes(hashes: ReceivedHashes, folderName: string): Generator<Uint8Array> {
  let lines: string[] = [];
  for (const fileID of [...hashes.keys()].sort()) {
    const hash = Buffer.from(hashes.get(fileID) ?? '', 'latin1').toString('hex');
    lines.push(`${hash}  ${folderName}/${fileID.slice(0, 2)}/${fileID}\n`);
    if (lines.length < LINES_AT_A_TIME) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  yield Buffer.from(lines.join(''));
}

const LINES_AT_A_TIME = 1000;

async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of content) {
    const lines = (rest + Buffer.from(piece).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_CHARACTERS_MAX) {
      yield rest;
      return;
    }
    yield* lines;
  }
  if (rest !== '') yield rest;
}
