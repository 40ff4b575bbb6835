import { Secret } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import { BLOCK_BYTES, type CipherRecord, KEY_BYTES, markCount, storedBytesOf } from './cipher-record.ts';

/* The list of records, `.rootcellar/cipher.jsonl` in a snapshot. Its format: docs/formats/cipher-list.md. */

const VERSION = 1;

/** Names are compared by their bytes, so they must look the same everywhere. */
const FILE_NAME = /^[\x21-\x7e]{1,255}$/;

/** The longest record has 64 KiB of marks, in Base64. */
const LINE_BYTES_MAX = 128 * 1024;

/** What is given out at once. */
const PIECE_CHARACTERS = 64 * 1024;

const LINE_FEED = 0x0a;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Writes the list. @param records in the order of their names, which must be different */
export async function* encodeCipherList(
  records: AsyncIterable<CipherRecord> | Iterable<CipherRecord>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let text = `${JSON.stringify({ cipherList: VERSION })}\n`;
  let before = '';
  for await (const record of records) {
    if (!FILE_NAME.test(record.file) || record.file <= before)
      throw new RangeError('Records are not in order.');
    before = record.file;
    text += `${lineOf(record)}\n`;
    if (text.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/**
 * Reads the list, one record after the other.
 *
 * @throws `vault.cipher-list-newer` if it is of a version that we do not know
 * @throws `vault.cipher-list-damaged` if a line is not what it should be
 */
export async function* decodeCipherList(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<CipherRecord, void, undefined> {
  let line = 0;
  let before = '';
  for await (const bytes of linesOf(source)) {
    line += 1;
    const value = parseObject(bytes, line);
    if (line === 1) requireVersion(value);
    else {
      const record = recordFrom(value);
      if (record === undefined || record.file <= before) throw vaultError('cipher-list-damaged', { line });
      before = record.file;
      yield record;
    }
  }
  if (line === 0) throw vaultError('cipher-list-damaged', { line: 1 });
}

function lineOf({ file, key, contentBytes, isPadded, rest, marks }: CipherRecord): string {
  return JSON.stringify({
    file,
    key: base64(key.reveal()),
    bytes: contentBytes,
    ...(!isPadded && { padded: false }),
    ...(rest.length > 0 && { rest: base64(rest) }),
    ...(marks.length > 0 && { marks: base64(marks) }),
  });
}

type JsonObject = Readonly<Record<string, unknown>>;

function recordFrom(fields: JsonObject): CipherRecord | undefined {
  const { file, key, bytes, padded = true, rest = '', marks = '' } = fields;
  if (typeof file !== 'string' || !FILE_NAME.test(file)) return undefined;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return undefined;
  // Without padding, content is whole blocks.
  if (typeof padded !== 'boolean' || !(padded || bytes % BLOCK_BYTES === 0)) return undefined;
  const keyBytes = bytesFrom(key, { min: KEY_BYTES });
  const restBytes = bytesFrom(rest, { min: 0, max: BLOCK_BYTES - 1 });
  if (keyBytes === undefined || restBytes === undefined) return undefined;
  const content = { contentBytes: bytes, isPadded: padded, rest: restBytes };
  const markBytes = bytesFrom(marks, { min: markCount(storedBytesOf(content)) * BLOCK_BYTES });
  return markBytes && { file, key: new Secret(keyBytes), ...content, marks: markBytes };
}

/** Bytes of that length, in the one way to write them. */
function bytesFrom(
  text: unknown,
  { min, max = min }: { readonly min: number; readonly max?: number },
): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= min && bytes.length <= max && base64(bytes) === text ? bytes : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

function parseObject(bytes: Uint8Array, line: number): JsonObject {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Not JSON.
  }
  throw vaultError('cipher-list-damaged', { line });
}

function requireVersion({ cipherList: version }: JsonObject): void {
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw vaultError('cipher-list-damaged', { line: 1 });
  if (version > VERSION) throw vaultError('cipher-list-newer', { version });
}

/** Each line without its line feed. The last must have one: else the end was lost. */
async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  let line = 1;
  const take = (part: Uint8Array): void => {
    begun.push(part);
    begunBytes += part.length;
    if (begunBytes > LINE_BYTES_MAX) throw vaultError('cipher-list-damaged', { line });
  };
  for await (const piece of source) {
    let rest = piece;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      take(rest.subarray(0, end));
      yield begun.length === 1 ? rest.subarray(0, end) : Buffer.concat(begun);
      begun = [];
      begunBytes = 0;
      rest = rest.subarray(end + 1);
      line += 1;
    }
    if (rest.length > 0) take(rest);
  }
  if (begunBytes > 0) throw vaultError('cipher-list-damaged', { line });
}
