import { asNumber, asSigned64, asString, type PlistDict, type PlistValue } from '@rootcellar/codecs';
import type { KnownError } from '@rootcellar/core';
import { mobilebackup2Error } from '../errors.ts';

/** How a device ended a request. */
export interface FinalAnswer {
  /** 0 is success; the others are of Apple's MBErrorDomain. */
  readonly errorCode: number;
  /** English and technical; may name files, so it is shown to nobody: it only tells codes apart. */
  readonly description: string | undefined;
  /** Of Info requests: a text. */
  readonly content: string | undefined;
}

/** Source: device-protocols §7.8. */
export function parseFinalAnswer(message: PlistDict | undefined): FinalAnswer | undefined {
  if (message === undefined) return undefined;
  const code = message['ErrorCode'];
  if (code === undefined && asString(message['MessageName']) !== 'Response') return undefined;
  return {
    errorCode: code === undefined ? 0 : readCode(code),
    description: asString(message['ErrorDescription']),
    content: asString(message['Content']),
  };
}

/** What is no number is no success either. */
const UNREADABLE_CODE = -1;

function readCode(value: PlistValue): number {
  const code = asSigned64(value) ?? asNumber(value);
  return code === undefined ? UNREADABLE_CODE : Number(code);
}

/**
 * What a phone's error code means. Several codes say different things when the text differs.
 *
 * Source: device-protocols §10.1 and, where it differs, observed §4. 203 for "newer system" is
 * Unknown: no phone was seen to send it.
 */
export function errorOfFinalAnswer(answer: FinalAnswer): KnownError {
  const { errorCode } = answer;
  const details = { errorCode };
  const says = (text: string) => answer.description?.includes(text) === true;
  switch (errorCode) {
    case 1:
      if (says('MDM')) return mobilebackup2Error('backup-encrypted-by-policy', details);
      if (says('keychain')) return mobilebackup2Error('keychain-failed', details);
      return mobilebackup2Error('internal-problem', details);
    case 2:
    case 4:
      return mobilebackup2Error('file-not-found', details);
    case 3:
      return mobilebackup2Error('half-finished-backup', details);
    case 22:
      return mobilebackup2Error('backup-encrypted-by-policy', details);
    case 100:
      return mobilebackup2Error('computer-unreadable', details);
    case 102:
      return mobilebackup2Error('restart-first', details);
    case 104:
      return mobilebackup2Error('items-not-copied', details);
    case 105:
      return mobilebackup2Error(says('on device') ? 'device-full' : 'computer-full', details);
    case 11:
    case 103:
    case 205:
      return mobilebackup2Error('backup-incomplete', details);
    case 106:
    case 207:
      return mobilebackup2Error('wrong-password', details);
    case 203:
      return mobilebackup2Error('newer-system', details);
    case 208:
      return mobilebackup2Error('passcode-not-entered', details);
    case 211:
      return mobilebackup2Error('find-my-on', details);
    case 212:
      return mobilebackup2Error('setup-not-finished', details);
    default:
      return mobilebackup2Error('unknown-answer', details);
  }
}
