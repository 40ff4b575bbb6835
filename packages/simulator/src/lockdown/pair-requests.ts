import { asData, asDict, asString, type PlistDict } from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';
import type { TrustedHost } from '../phone/trust-table.ts';
import { type LockdownAnswer, refuse } from './lockdown-answer.ts';
import type { LockdownContext } from './lockdown-context.ts';
import { arePairingCertificates } from './pairing-certificates.ts';

const ESCROW_BAG_BYTES = 32;

/** UUIDs have 36 characters; some clients use other texts. Our limit. */
const IDENTIFIER_CHARACTERS_MAX = 256;

/**
 * Trusts a computer, once the owner has said so. Until then each call answers
 * `PairingDialogResponsePending`, and the computer repeats it.
 *
 * Source: device-protocols, section 3.5; observed, section 5.5.
 */
export async function pair(request: PlistDict, context: LockdownContext): Promise<LockdownAnswer> {
  const { phone, attachment, dialogue } = context;
  const host = readHost(request, phone.random);
  if ('Error' in host) return host;
  if (attachment.connection === 'Network') return refuse('PairingProhibitedOverThisConnection');
  if (phone.condition.locked && phone.condition.passcode !== undefined) return refuse('PasswordProtected');
  if (!arePairingCertificates(host, phone.deviceKey)) return refuse('InvalidPairRecord');

  if (asksForTrust(host, context)) {
    const answer = dialogue.answerTo({
      systemBUID: host.systemBUID,
      hostID: host.hostID,
      computer: asString(request['HostName'])?.slice(0, IDENTIFIER_CHARACTERS_MAX),
      signal: attachment.signal,
    });
    if (answer !== 'trusted') {
      return refuse(answer === 'pending' ? 'PairingDialogResponsePending' : 'UserDeniedPairing');
    }
    dialogue.forget(host.systemBUID);
  }
  return trust(host, context);
}

/**
 * Neither a computer that is trusted already is asked about again, nor is there anybody to ask while the
 * phone says Hello. Source: device-protocols, section 1.8: a phone in Setup Assistant pairs without a dialog.
 */
function asksForTrust(host: TrustedHost, { phone }: LockdownContext): boolean {
  const known = phone.trust.get(host.hostID);
  const sameRoot = known !== undefined && Buffer.from(known.rootCertificate).equals(host.rootCertificate);
  return phone.condition.setUp && !sameRoot;
}

async function trust(host: TrustedHost, { phone }: LockdownContext): Promise<LockdownAnswer> {
  phone.trust.add(host);
  try {
    await phone.save();
  } catch {
    phone.trust.remove(host.hostID);
    return refuse('SavePairRecordFailed');
  }
  return { EscrowBag: host.escrowBag };
}

/** Source: device-protocols, section 3.2; removed from current phones, where StartSession says the same. */
export function validatePair(request: PlistDict, { phone }: LockdownContext): LockdownAnswer {
  const hostID = readHostID(request);
  if (hostID === undefined) return refuse('MissingHostID');
  return phone.trust.get(hostID) ? {} : refuse('InvalidHostID');
}

/** No session needed: who knows the HostID may give its trust up. */
export async function unpair(request: PlistDict, { phone }: LockdownContext): Promise<LockdownAnswer> {
  const hostID = readHostID(request);
  if (hostID === undefined) return refuse('MissingHostID');
  if (!phone.trust.remove(hostID)) return refuse('InvalidHostID');
  await phone.save();
  return {};
}

function readHostID(request: PlistDict): string | undefined {
  return asString(asDict(request['PairRecord'])?.['HostID']) ?? asString(request['HostID']);
}

function readHost(request: PlistDict, random: Random): TrustedHost | { readonly Error: string } {
  const record = asDict(request['PairRecord']);
  if (!record) return { Error: 'MissingPairRecord' };
  const hostID = asString(record['HostID']);
  if (!hostID || hostID.length > IDENTIFIER_CHARACTERS_MAX) return { Error: 'MissingHostID' };
  const rootCertificate = asData(record['RootCertificate']);
  const hostCertificate = asData(record['HostCertificate']);
  const deviceCertificate = asData(record['DeviceCertificate']);
  if (!rootCertificate || !hostCertificate || !deviceCertificate) return { Error: 'InvalidPairRecord' };
  return {
    hostID,
    systemBUID: (asString(record['SystemBUID']) ?? hostID).slice(0, IDENTIFIER_CHARACTERS_MAX),
    rootCertificate,
    hostCertificate,
    deviceCertificate,
    escrowBag: random.bytes(ESCROW_BAG_BYTES),
  };
}
