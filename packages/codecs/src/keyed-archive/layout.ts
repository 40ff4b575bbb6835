/*
 * A keyed archive is a property list: `$archiver` and `$version` say what it is, `$objects` holds every
 * object once, and `$top` names where to begin. Objects refer to each other by UID, the index in
 * `$objects`; the first is the string `$null`.
 *
 * Source: archives of devices and of Xcode in the fixtures of go-ios, `ios/nskeyedarchiver/fixtures`.
 */
export const ARCHIVER = 'NSKeyedArchiver';
export const VERSION = 100_000;
export const NULL_MARK = '$null';
export const NULL_INDEX = 0;

/** A record of a manifest has one level, settings of an app rarely ten. */
export const ARCHIVE_DEPTH_MAX = 256;

/** Zero of `NS.time`, in Unix milliseconds. */
export const EPOCH_2001_MS = 978_307_200_000;
