import { createHash } from 'node:crypto';

/*
 * Names of files on a device, as names that every file system takes: ext4, APFS, NTFS, exFAT. What some of them refuse
 * is written `%XX`, as in web addresses, so that the name stays recognisable and nothing is lost.
 *
 * Source: Microsoft, "Naming Files, Paths, and Namespaces"; backup-format §1.4.
 */

/**
 * Control characters, what Windows forbids, and characters that turn the reading direction, with which a name can
 * pretend to end in another way than it does. And a percent sign where it could be taken for one of ours.
 */
const ESCAPED = /[\u0000-\u001f\u007f"*/:<>?\\|\u202a-\u202e\u2066-\u2069]|%(?=[0-9A-F]{2})/g;

/** Windows drops them, so that `..` is the folder above. */
const ESCAPED_LAST = /[. ]$/;

/** Devices of DOS, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?= *(?:\.|$))/i;

/** File systems allow 255 bytes, or 255 UTF-16 units, which are fewer; the rest is room for a number. */
const SEGMENT_BYTES_MAX = 240;

const EXTENSION_BYTES_MAX = 16;
const HASH_DIGITS = 8;

/** macOS allows 1,024 bytes for all, with the folder to which we extract; phones have 300 and 20 levels. */
const PATH_BYTES_MAX = 700;
const LEVELS_MAX = 48;

/** Of a path that is too long, what stays of its beginning. */
const KEPT_BYTES = 350;
const KEPT_LEVELS = 40;

/**
 * The place of an entry below the folder to which it is extracted: one safe name for each level, beginning with the
 * domain. Different places can have the same names, on some file systems or on all: see `numbered`.
 */
export function safeSegments(domain: string, relativePath: string): readonly string[] {
  const names = [domain, ...relativePath.split('/')].filter((name) => name !== '');
  return shortenPath(names.map(safeSegment));
}

/** One name without its folders. @param name not empty */
export function safeSegment(name: string): string {
  const escaped = name.toWellFormed().replace(ESCAPED, percentOf).replace(ESCAPED_LAST, percentOf);
  return shorten(RESERVED.test(escaped) ? percentOf(escaped.charAt(0)) + escaped.slice(1) : escaped);
}

/** `apples (2).txt` for 2; the name itself for 1. */
export function numbered(name: string, number: number): string {
  const { stem, extension } = splitExtension(name);
  return number === 1 ? name : `${stem} (${number})${extension}`;
}

function percentOf(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${hex(byte)}`).join('');
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** The beginning, a mark made from the whole, and the extension. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= SEGMENT_BYTES_MAX) return name;
  const { stem, extension } = splitExtension(name);
  const end = `~${hashOf(name)}${extension}`;
  return beginningOf(stem, SEGMENT_BYTES_MAX - Buffer.byteLength(end)) + end;
}

/** Folders in the middle give way to one mark, the same for all files of one folder. */
function shortenPath(names: readonly string[]): readonly string[] {
  if (names.length <= LEVELS_MAX && Buffer.byteLength(names.join('/')) <= PATH_BYTES_MAX) return names;
  const folders = names.slice(0, -1);
  const kept: string[] = [];
  let bytes = 0;
  for (const name of folders.slice(0, KEPT_LEVELS)) {
    bytes += Buffer.byteLength(name) + 1;
    if (bytes > KEPT_BYTES) break;
    kept.push(name);
  }
  return [...kept, `~${hashOf(folders.join('/'))}`, names.at(-1) as string];
}

function splitExtension(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  if (Buffer.byteLength(extension) > EXTENSION_BYTES_MAX) return { stem: name, extension: '' };
  return { stem: name.slice(0, name.length - extension.length), extension };
}

/** Whole characters of it. */
function beginningOf(text: string, bytesMax: number): string {
  let beginning = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    beginning += character;
  }
  return beginning;
}

function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, HASH_DIGITS);
}
