import {
  asArray,
  asDict,
  type BinaryPlistReader,
  isBinaryPlist,
  openBinaryPlist,
  type PlistRef,
  type PlistValue,
  parseXmlPlist,
} from '@rootcellar/codecs';
import { deviceLinkError } from '../errors.ts';

/** One message of a DeviceLink conversation: an array whose first element is its name. */
export interface DeviceLinkMessage {
  readonly name: string;
  /** An element by its place in the array; the name is at 0. `undefined` if the array is shorter. */
  element(index: number): PlistValue | undefined;
  /**
   * The pairs of a dictionary of strings, one after the other, never all in memory: a phone moves
   * hundreds of thousands of files in one message.
   * @throws `device-link.message-invalid` if it is something else
   */
  stringPairs(index: number): Iterable<readonly [string, string]>;
}

/** No known message has more elements; more would be a mistake or an attack. */
const ELEMENTS_MAX = 16;

/** @throws `device-link.message-invalid`, `plist.*` */
export function parseDeviceLinkMessage(bytes: Uint8Array): DeviceLinkMessage {
  return isBinaryPlist(bytes) ? lazyMessage(bytes) : wholeMessage(parseXmlPlist(bytes));
}

function lazyMessage(bytes: Uint8Array): DeviceLinkMessage {
  const reader = openBinaryPlist(bytes);
  const elements: PlistRef[] = [];
  if (reader.kindOf(reader.root) !== 'array') throw invalid('not an array');
  for (const ref of reader.arrayItems(reader.root)) {
    if (elements.length === ELEMENTS_MAX) throw invalid('too many elements');
    elements.push(ref);
  }
  return {
    name: nameFrom(elements[0] === undefined ? undefined : reader.value(elements[0])),
    element: (index) => (elements[index] === undefined ? undefined : reader.value(elements[index])),
    stringPairs: (index) => lazyPairs(reader, elements[index]),
  };
}

function* lazyPairs(
  reader: BinaryPlistReader,
  dict: PlistRef | undefined,
): Generator<readonly [string, string]> {
  if (dict === undefined || reader.kindOf(dict) !== 'dict') throw invalid('no list of names');
  for (const [key, ref] of reader.dictPairs(dict)) yield [key, requireString(reader.value(ref))];
}

function wholeMessage(message: PlistValue): DeviceLinkMessage {
  const elements = asArray(message);
  if (elements === undefined) throw invalid('not an array');
  if (elements.length > ELEMENTS_MAX) throw invalid('too many elements');
  return {
    name: nameFrom(elements[0]),
    element: (index) => elements[index],
    *stringPairs(index) {
      const dict = asDict(elements[index]);
      if (dict === undefined) throw invalid('no list of names');
      for (const [key, value] of Object.entries(dict)) yield [key, requireString(value)];
    },
  };
}

function nameFrom(value: PlistValue | undefined): string {
  if (typeof value !== 'string') throw invalid('no name');
  return value;
}

function requireString(value: PlistValue | undefined): string {
  if (typeof value !== 'string') throw invalid('a name that is no text');
  return value;
}

function invalid(reason: string): Error {
  return deviceLinkError('message-invalid', { reason });
}
