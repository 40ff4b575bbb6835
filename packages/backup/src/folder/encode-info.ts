import { encodeXmlPlist, type PlistDict, type PlistValue } from '@rootcellar/codecs';

/** One value of an Info.plist; `undefined` leaves its key out. */
export type InfoValue = PlistValue | undefined;

/** The keys of an Info.plist as `backup-format` §2.1 names them, without the date. */
export type InfoValues = PlistDict;

/**
 * Info.plist as the computer writes it: XML, keys in order.
 *
 * @param takenAt by the clock of this computer
 */
export function encodeInfo(values: InfoValues, takenAt: Date): Uint8Array {
  const entries = Object.entries({ ...values, 'Last Backup Date': takenAt });
  return encodeXmlPlist(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}
