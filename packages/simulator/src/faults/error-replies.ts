import { Refusal, refusals } from '../backup-agent/answers.ts';

const UDID = '00008120-0000000000000000';

/**
 * Every final answer with an error that a phone was seen to give, with its exact text; where one number has
 * several texts, in the order of the list of observations.
 *
 * Source: observed, section 4.
 */
const REPLIES: readonly (() => Refusal)[] = [
  refusals.keychainLocked,
  refusals.encryptionForced,
  () =>
    new Refusal(
      2,
      '_restoreRegularFiles:size: rename error: No such file or directory (2) at path "/private/var/mobile/.backup.i/var/mobile/Media/a" (MBErrorDomain/2)',
    ),
  refusals.snapshotLeftOver,
  () => refusals.noSuchFile(`${UDID}/Status.plist`),
  refusals.notInManifest,
  () =>
    new Refusal(
      11,
      'Error deserializing properties: Cannot parse a NULL or zero-length data (MBErrorDomain/11)',
    ),
  () => refusals.hostReadFailed(`${UDID}/Manifest.plist`),
  refusals.restoreLeftOver,
  () =>
    new Refusal(
      103,
      `Error reading backup properties (MBErrorDomain/103). Underlying error: ${refusals.hostReadFailed(`${UDID}/Manifest.plist`).message}.`,
    ),
  refusals.uploadFailed,
  refusals.hostFull,
  () => refusals.phoneFull(44_526_002_176, 51_895_967_372),
  refusals.propertiesEmpty,
  () => refusals.propertiesMissing(`${UDID}/Manifest.plist`),
  () => refusals.databaseMissing(`${UDID}/Manifest.mbdb`),
  refusals.downloadFailed,
  refusals.digestWrong,
  refusals.payloadsMissing,
  refusals.domainHasSlash,
  refusals.domainUnknown,
  () => refusals.fileTypeInvalid(0),
  () => new Refusal(207, 'Invalid password (MBErrorDomain/207)'),
  refusals.passwordWrong,
  refusals.deviceLocked,
  refusals.findMyOn,
  refusals.notSetUp,
];

/** The numbers that phones were seen to answer with. */
export const ERROR_CODES: readonly number[] = [...new Set(REPLIES.map((reply) => reply().errorCode))];

/**
 * The answer with a number; of several texts the one that is asked for.
 *
 * @param text 1 is the first; above the last the last is taken
 * @returns a bare text for a number that was never seen
 */
export function errorReply(code: number, text: number): Refusal {
  const replies = REPLIES.map((reply) => reply()).filter(({ errorCode }) => errorCode === code);
  return replies[Math.min(text, replies.length) - 1] ?? new Refusal(code, `(MBErrorDomain/${code})`);
}

/** Every number with each of its texts, for who wants to try all. */
export function allErrorReplies(): readonly { readonly code: number; readonly text: number }[] {
  return ERROR_CODES.flatMap((code) =>
    REPLIES.filter((reply) => reply().errorCode === code).map((_, index) => ({ code, text: index + 1 })),
  );
}
