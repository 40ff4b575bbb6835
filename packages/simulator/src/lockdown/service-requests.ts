import { timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { asData, asString, type PlistDict } from '@rootcellar/codecs';
import type { Attachment } from '../mux/attachments.ts';
import type { TrustedHost } from '../phone/trust-table.ts';
import type { ServiceTable } from '../services/service-table.ts';
import { type LockdownAnswer, refuse } from './lockdown-answer.ts';
import type { LockdownContext } from './lockdown-context.ts';

/** Serves computers that are not trusted yet. Source: device-protocols, section 9.2. */
const SERVICES_WITHOUT_SESSION = ['com.apple.mobile.insecure_notification_proxy'];

/** What touches protected data; shut from boot to the first unlock. Unknown: the complete list. */
const PROTECTED_SERVICES = ['com.apple.afc', 'com.apple.mobile.house_arrest', 'com.apple.mobilebackup2'];

/** The one service that does not need a heartbeat over the network. */
const HEARTBEAT_SERVICE = 'com.apple.mobile.heartbeat';

/**
 * Opens a port for one connection to a service.
 *
 * Source: device-protocols, section 3.7; observed, section 5.5 (MissingValue with an escrow bag on a phone that
 * was not unlocked since it started, iOS 11 and 14).
 */
export function startService(
  request: PlistDict,
  context: LockdownContext,
  services: ServiceTable,
): LockdownAnswer {
  const { phone, ports, attachment, heartbeats, session } = context;
  const name = asString(request['Service']);
  if (!name) return refuse('MissingService');
  if (!session && !SERVICES_WITHOUT_SESSION.includes(name)) return refuse('SessionInactive');
  const service = services.find(name);
  if (!service) return refuse('InvalidService');

  const escrow = judgeEscrowBag(asData(request['EscrowBag']), session?.host);
  if (escrow === 'wrong') return refuse('EscrowLocked');
  if (!phone.unlockedSinceBoot && escrow === 'right') return refuse('MissingValue');
  if (!phone.unlockedSinceBoot && PROTECTED_SERVICES.includes(name)) return refuse('PasswordProtected');
  if (!services.hasRoomFor(service)) return refuse('ServiceLimit');

  const overTls = session !== undefined && !phone.behaviour.servicesWithoutTls.includes(name);
  const host = overTls ? session.host : undefined;
  const serve = (stream: Duplex, over: Attachment): void => {
    const ended = new AbortController();
    const signal = name === HEARTBEAT_SERVICE ? over.signal : heartbeats.signalFor(over, ended.signal);
    const beat = () => heartbeats.beat(over);
    void services
      .serve(service, { stream, host, escrowUnlocked: escrow === 'right', signal, beat })
      .finally(() => ended.abort());
  };
  const port = ports.open(attachment, serve);
  if (port === undefined) return refuse('ServiceLimit');
  return { Port: port, Service: name, ...(overTls && { EnableServiceSSL: true }) };
}

/** Unknown: what a phone says to a bag that belongs to another pairing; the nearest known error is used. */
function judgeEscrowBag(
  bag: Uint8Array | undefined,
  host: TrustedHost | undefined,
): 'none' | 'right' | 'wrong' {
  if (bag === undefined || host === undefined) return 'none';
  const isRight = bag.length === host.escrowBag.length && timingSafeEqual(bag, host.escrowBag);
  return isRight ? 'right' : 'wrong';
}
