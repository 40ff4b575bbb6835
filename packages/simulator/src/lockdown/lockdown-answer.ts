import type { PlistDict } from '@rootcellar/codecs';

/** Every refusal we give. Source: device-protocols, section 3.8. */
export type LockdownError =
  | 'EscrowLocked'
  | 'GetProhibited'
  | 'InvalidHostID'
  | 'InvalidPairRecord'
  | 'InvalidService'
  | 'InvalidSessionID'
  | 'MalformedCommand'
  | 'MissingHostID'
  | 'MissingKey'
  | 'MissingPairRecord'
  | 'MissingService'
  | 'MissingSessionID'
  | 'MissingValue'
  | 'PairingDialogResponsePending'
  | 'PairingProhibitedOverThisConnection'
  | 'PasswordProtected'
  | 'RemoveProhibited'
  | 'SavePairRecordFailed'
  | 'ServiceLimit'
  | 'SessionActive'
  | 'SessionInactive'
  | 'SetProhibited'
  | 'UserDeniedPairing';

/** What stands in an answer besides the echo of the request's name. */
export type LockdownAnswer = PlistDict;

export function refuse(error: LockdownError): LockdownAnswer {
  return { Error: error };
}

export function isRefusal(answer: LockdownAnswer): boolean {
  return answer['Error'] !== undefined;
}
