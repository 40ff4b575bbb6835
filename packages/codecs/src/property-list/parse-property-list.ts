import { parseBinaryPlist } from './binary/parse-binary-plist.ts';
import type { PlistLimits } from './limits.ts';
import type { PlistValue } from './value.ts';
import { parseXmlPlist } from './xml/parse-xml-plist.ts';

const BINARY_PREFIX = 'bplist';

/**
 * Reads a property list of either encoding, told apart by its first bytes.
 *
 * @throws `plist.empty`, and every other `plist.*` error that concerns reading
 */
export function parsePropertyList(bytes: Uint8Array, limits?: Partial<PlistLimits>): PlistValue {
  return isBinaryPlist(bytes) ? parseBinaryPlist(bytes, limits) : parseXmlPlist(bytes, limits);
}

/** Do these bytes begin like a binary property list? */
export function isBinaryPlist(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, BINARY_PREFIX.length)).toString('latin1') === BINARY_PREFIX;
}
