import { PlistReal, type PlistValue } from '@rootcellar/codecs';
import { describe, expect, test } from 'vitest';
import { mobilebackup2Error } from '../errors.ts';
import { errorOfFinalAnswer, parseFinalAnswer } from './final-answer.ts';

describe('the final answer of a phone', () => {
  test('has a code, and may have words and content', () => {
    expect(parseFinalAnswer({ MessageName: 'Response', ErrorCode: 0 })).toEqual({
      errorCode: 0,
      description: undefined,
      content: undefined,
    });
    expect(parseFinalAnswer({ ErrorCode: 105, ErrorDescription: 'why', Content: 'text' })).toEqual({
      errorCode: 105,
      description: 'why',
      content: 'text',
    });
  });

  test('without a code is a success only if it is a response', () => {
    expect(parseFinalAnswer({ MessageName: 'Response' })?.errorCode).toBe(0);
    expect(parseFinalAnswer({ MessageName: 'Progress' })).toBeUndefined();
    expect(parseFinalAnswer({})).toBeUndefined();
    expect(parseFinalAnswer(undefined)).toBeUndefined();
  });

  test.each<[string, PlistValue, number]>([
    ['a real', new PlistReal(105), 105],
    ['a negative number as 64 bits', 2n ** 64n - 6n, -6],
    ['a number beyond all limits', 2n ** 100n + 5n, 5],
  ])('reads %s', (_, code, expected) => {
    expect(parseFinalAnswer({ MessageName: 'Response', ErrorCode: code })?.errorCode).toBe(expected);
  });

  test.each<[PlistValue]>([
    ['0'],
    [''],
    [false],
    [[]],
    [{}],
    [new Uint8Array(1)],
    [new PlistReal(Number.NaN)],
  ])('with the code %o is no success', (code) => {
    const answer = parseFinalAnswer({ MessageName: 'Response', ErrorCode: code });
    expect(answer?.errorCode).not.toBe(0);
  });
});

const MDM =
  'Cannot remove iTunes Backup Encryption - Encrypted Backup MDM setting present on device (MBErrorDomain/22).';
const NULL_DATA =
  'Error deserializing properties: Cannot parse a NULL or zero-length data (MBErrorDomain/11).';

describe('a code of a phone, with the words it was seen with,', () => {
  test.each([
    [1, 'Error copying keychain data (MBErrorDomain/1)', 'keychain-failed'],
    [
      1,
      `Error setting WillEncrypt value in lockdown (MBErrorDomain/1). Underlying error: ${MDM}`,
      'backup-encrypted-by-policy',
    ],
    [1, undefined, 'internal-problem'],
    [
      2,
      '_restoreRegularFiles:size: rename error: No such file or directory (2) at path "/x" (MBErrorDomain/2)',
      'file-not-found',
    ],
    [
      3,
      'Failed to create snapshot: File exists (17) at path "/private/var" (MBErrorDomain/3)',
      'half-finished-backup',
    ],
    [4, 'No such file or directory at path "UDID/Status.plist" (MBErrorDomain/4)', 'file-not-found'],
    [4, 'File not found in manifest', 'file-not-found'],
    [11, NULL_DATA, 'backup-incomplete'],
    [22, undefined, 'backup-encrypted-by-policy'],
    [100, 'Input/output error (5) at path "UDID/Manifest.plist" (MBErrorDomain/100)', 'computer-unreadable'],
    [
      102,
      'Error moving incomplete restore directory into place at path "/var/.backup.i" (MBErrorDomain/102).',
      'restart-first',
    ],
    [102, 'Failed to move the incomplete restore directory (MBErrorDomain/102)', 'restart-first'],
    [
      103,
      'Error reading backup properties (MBErrorDomain/103). Underlying error: (MBErrorDomain/100)',
      'backup-incomplete',
    ],
    [104, 'Multiple errors uploading files (MBErrorDomain/104)', 'items-not-copied'],
    [105, 'Insufficient free disk space on drive to back up (MBErrorDomain/105)', 'computer-full'],
    [
      105,
      'Insufficient free disk space on device to restore (44526002176 < 51895967372) (MBErrorDomain/105)',
      'device-full',
    ],
    [
      205,
      `Error reading backup properties (MBErrorDomain/205). Underlying error: ${NULL_DATA}`,
      'backup-incomplete',
    ],
    [
      205,
      'Error reading backup database (MBErrorDomain/205). Underlying error: No such file',
      'backup-incomplete',
    ],
    [205, 'Multiple errors downloading files', 'backup-incomplete'],
    [205, "Digest didn't match for some files", 'backup-incomplete'],
    [205, 'Manifest references files not in backup', 'backup-incomplete'],
    [205, 'Domain name cannot contain a slash', 'backup-incomplete'],
    [205, 'Unknown domain name in file record', 'backup-incomplete'],
    [205, 'Invalid file type: 00', 'backup-incomplete'],
    [106, undefined, 'wrong-password'],
    [207, 'Invalid password (MBErrorDomain/207)', 'wrong-password'],
    [
      207,
      'Invalid password when restoring encrypted backup (MBErrorDomain/207). Underlying error: MKBKeyBagUnlock error (-3) (MBErrorDomain/207).',
      'wrong-password',
    ],
    [203, undefined, 'newer-system'],
    [208, 'Device locked (MBErrorDomain/208)', 'passcode-not-entered'],
    [211, 'Find My iPhone must be disabled before restoring (MBErrorDomain/211)', 'find-my-on'],
    [212, 'Unable to backup until Setup is finished (MBErrorDomain/212)', 'setup-not-finished'],
    [209, undefined, 'unknown-answer'],
    [-37, undefined, 'unknown-answer'],
    [99_999, undefined, 'unknown-answer'],
  ] as const)('%d "%s" is %s', (errorCode, description, name) => {
    const error = errorOfFinalAnswer({ errorCode, description, content: undefined });
    expect(mobilebackup2Error.matches(error, name), error.code).toBe(true);
    expect(error.details).toEqual({ errorCode });
    if (description) expect(error.message).not.toContain(description);
  });
});
