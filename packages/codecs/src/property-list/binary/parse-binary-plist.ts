import type { PlistLimits } from '../limits.ts';
import type { PlistValue } from '../value.ts';
import { BinaryPlistReader } from './binary-plist-reader.ts';

/**
 * Opens a binary property list for walking: for messages too large to be turned into values at once.
 *
 * @example
 * const list = openBinaryPlist(encodeBinaryPlist({ 'old/name': 'new/name' }));
 * for (const [from, to] of list.dictPairs(list.root)) console.log(from, asString(list.value(to)));
 *
 * @throws `plist.empty`, `plist.too-large`, `plist.version-unsupported`, `plist.binary-malformed`
 */
export function openBinaryPlist(bytes: Uint8Array, limits?: Partial<PlistLimits>): BinaryPlistReader {
  return new BinaryPlistReader(bytes, limits);
}

/** Reads a whole binary property list. @throws every `plist.*` error that concerns reading */
export function parseBinaryPlist(bytes: Uint8Array, limits?: Partial<PlistLimits>): PlistValue {
  const reader = openBinaryPlist(bytes, limits);
  return reader.value(reader.root);
}
