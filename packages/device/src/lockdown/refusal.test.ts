import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockdownRefusal } from './refusal.ts';

describe('what lockdown refuses with', () => {
  test.each([
    ['PasswordProtected', 'locked'],
    ['DeviceLocked', 'locked'],
    ['MissingValue', 'value-not-available'],
    ['MissingKey', 'value-not-available'],
    ['GetProhibited', 'value-not-available'],
    ['SetProhibited', 'value-not-available'],
    ['RemoveProhibited', 'value-not-available'],
    ['ImmutableValue', 'value-not-available'],
    ['EscrowLocked', 'never-unlocked'],
    ['UserDeniedPairing', 'trust-denied'],
    ['PairingDialogResponsePending', 'trust-pending'],
    ['PairingProhibitedOverThisConnection', 'pairing-needs-cable'],
    ['MCProtected', 'pairing-prohibited'],
    ['MCChallengeRequired', 'pairing-prohibited'],
    ['FMiPProtected', 'find-my-protected'],
    ['InvalidHostID', 'not-trusted'],
    ['MissingHostID', 'not-trusted'],
    ['InvalidConnection', 'not-trusted'],
    ['MissingPairRecord', 'not-trusted'],
    ['InvalidPairRecord', 'pair-record-refused'],
    ['SavePairRecordFailed', 'pair-record-refused'],
    ['InvalidService', 'service-unknown'],
    ['MissingService', 'service-unknown'],
    ['ServiceProhibited', 'service-prohibited'],
    ['ServiceLimit', 'too-many-connections'],
    ['SessionActive', 'session-lost'],
    ['SessionInactive', 'session-lost'],
    ['InvalidSessionID', 'session-lost'],
    ['MissingSessionID', 'session-lost'],
  ])('%s means %s', (answer, name) => {
    expect(lockdownRefusal(answer)).toMatchObject({ code: `lockdown.${name}`, details: { answer } });
  });

  test.each(['InvalidResponse', 'MalformedCommand', 'InvalidActivationRecord', 'BrandNew'])(
    'unknown to us, %s, is kept word for word',
    (answer) => {
      expect(lockdownRefusal(answer)).toMatchObject({ code: 'lockdown.unknown-answer', details: { answer } });
    },
  );

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    '%s is no known refusal',
    (answer) => {
      expect(lockdownRefusal(answer).code).toBe('lockdown.unknown-answer');
    },
  );

  test('and could name somebody is kept to ourselves', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        const { message, details } = lockdownRefusal(`${text} Ann's iPhone`);
        expect(details).toEqual({ answer: 'unreadable' });
        expect(message).not.toContain('Ann');
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
