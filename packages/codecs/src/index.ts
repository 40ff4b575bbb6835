export {
  type PlistArray,
  type PlistDict,
  PlistReal,
  PlistUid,
  type PlistValue,
} from './property-list/value.ts';
