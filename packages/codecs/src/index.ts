export * from './der/encode-der.ts';
export {
  type DerClass,
  type DerNode,
  derBitStringOf,
  derBooleanOf,
  derGeneralizedTimeOf,
  derIntegerOf,
  derOctetStringOf,
  derOidOf,
  derUtf8StringOf,
  parseDer,
} from './der/parse-der.ts';
export { derError, keyedArchiveError, plistError } from './errors.ts';
export { encodeKeyedArchive } from './keyed-archive/encode-keyed-archive.ts';
export { parseKeyedArchive } from './keyed-archive/parse-keyed-archive.ts';
export { isKeyedObject, type KeyedObject, type KeyedValue, keyedMutableData } from './keyed-archive/value.ts';
export {
  BinaryPlistReader,
  type PlistKind,
  type PlistRef,
} from './property-list/binary/binary-plist-reader.ts';
export { encodeBinaryPlist } from './property-list/binary/encode-binary-plist.ts';
export { openBinaryPlist, parseBinaryPlist } from './property-list/binary/parse-binary-plist.ts';
export type { PlistLimits } from './property-list/limits.ts';
export { isBinaryPlist, parsePropertyList } from './property-list/parse-property-list.ts';
export * from './property-list/typed-access.ts';
export {
  type PlistArray,
  type PlistDict,
  PlistReal,
  PlistUid,
  type PlistValue,
} from './property-list/value.ts';
export { encodeXmlPlist } from './property-list/xml/encode-xml-plist.ts';
export { parseXmlPlist } from './property-list/xml/parse-xml-plist.ts';
