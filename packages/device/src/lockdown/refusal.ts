import type { KnownError } from '@rootcellar/core';
import { lockdownError } from '../errors.ts';

/** Everything lockdown is known to refuse with, and what it means to us. Source: device-protocols §3.8, §10.2. */
export const REFUSALS = {
  PasswordProtected: 'locked',
  DeviceLocked: 'locked',
  // On iOS 11–14 a phone that was not unlocked since its start answers StartService with MissingValue;
  // `startService` knows that case. Source: observed §5.5.
  MissingValue: 'value-not-available',
  GetProhibited: 'value-not-available',
  SetProhibited: 'value-not-available',
  RemoveProhibited: 'value-not-available',
  ImmutableValue: 'value-not-available',
  MissingKey: 'value-not-available',
  EscrowLocked: 'never-unlocked',
  UserDeniedPairing: 'trust-denied',
  PairingDialogResponsePending: 'trust-pending',
  PairingProhibitedOverThisConnection: 'pairing-needs-cable',
  MCProtected: 'pairing-prohibited',
  MCChallengeRequired: 'pairing-prohibited',
  FMiPProtected: 'find-my-protected',
  InvalidHostID: 'not-trusted',
  MissingHostID: 'not-trusted',
  InvalidConnection: 'not-trusted',
  MissingPairRecord: 'not-trusted',
  InvalidPairRecord: 'pair-record-refused',
  SavePairRecordFailed: 'pair-record-refused',
  InvalidService: 'service-unknown',
  MissingService: 'service-unknown',
  ServiceProhibited: 'service-prohibited',
  ServiceLimit: 'too-many-connections',
  SessionInactive: 'session-lost',
  SessionActive: 'session-lost',
  InvalidSessionID: 'session-lost',
  MissingSessionID: 'session-lost',
} as const;

/** Words of the protocol only; anything else could name somebody. */
const PROTOCOL_WORD = /^[A-Za-z]{1,64}$/;

/** What lockdown's `Error` string means. */
export function lockdownRefusal(answer: string): KnownError {
  const name = Object.hasOwn(REFUSALS, answer) ? REFUSALS[answer as keyof typeof REFUSALS] : 'unknown-answer';
  return lockdownError(name, { answer: PROTOCOL_WORD.test(answer) ? answer : 'unreadable' });
}
