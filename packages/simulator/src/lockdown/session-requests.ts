import { asString, type PlistDict } from '@rootcellar/codecs';
import { randomIdentifier } from '../phone/random-identifier.ts';
import { type LockdownAnswer, refuse } from './lockdown-answer.ts';
import type { LockdownContext, Session } from './lockdown-context.ts';

/**
 * Opens a session for a computer the phone trusts; TLS follows the answer.
 *
 * A phone that was not unlocked since it started opens sessions too: pair records lie in protection
 * class 4, which is readable then (`PairRecordProtectionClass`).
 *
 * Source: device-protocols, section 3.6; observed, sections 5.2 and 5.5. One report of an older system says
 * PasswordProtected; newer ones reach StartService before they are refused.
 */
export function startSession(
  request: PlistDict,
  { phone, session }: LockdownContext,
): { readonly answer: LockdownAnswer; readonly session?: Session } {
  if (session) return { answer: refuse('SessionActive') };
  const hostID = asString(request['HostID']);
  if (!hostID) return { answer: refuse('MissingHostID') };
  const host = phone.trust.get(hostID);
  if (!host) return { answer: refuse('InvalidHostID') };
  const id = randomIdentifier(phone.random);
  return { answer: { EnableSessionSSL: true, SessionID: id }, session: { id, host } };
}

/** @returns an empty answer if the session ends */
export function stopSession(request: PlistDict, { session }: LockdownContext): LockdownAnswer {
  if (!session) return refuse('SessionInactive');
  const id = asString(request['SessionID']);
  if (!id) return refuse('MissingSessionID');
  return id === session.id ? {} : refuse('InvalidSessionID');
}
