import type { Duplex } from 'node:stream';
import { asDict, asString, type PlistDict } from '@rootcellar/codecs';
import { ByteChannel, withTimeout } from '@rootcellar/core';
import type { ServiceTable } from '../services/service-table.ts';
import { closeGently } from '../wire/close-gently.ts';
import { PlainAgainStream } from '../wire/plain-again.ts';
import { plistChannel } from '../wire/plist-channel.ts';
import { serveTls } from '../wire/tls-server.ts';
import { isRefusal, type LockdownAnswer, refuse } from './lockdown-answer.ts';
import type { LockdownContext, Session } from './lockdown-context.ts';
import { pair, unpair, validatePair } from './pair-requests.ts';
import { startService } from './service-requests.ts';
import { startSession, stopSession } from './session-requests.ts';
import { getValue, removeValue, setValue } from './value-requests.ts';

/** Phones close idle connections after some minutes. Unknown: how many. */
const IDLE_MS_MAX = 10 * 60_000;

type Unsecured = Omit<LockdownContext, 'session'>;

/** How a stretch of requests ended: with the connection, or with a change of protocol on it. */
type Turn = 'end' | 'stop-session' | { readonly session: Session };

/**
 * Holds one lockdown connection: plain requests, a session inside TLS, plain requests again.
 * Never throws: what a computer does wrong costs it its connection and nothing else.
 */
export async function serveLockdown(
  stream: Duplex,
  context: Unsecured,
  services: ServiceTable,
): Promise<void> {
  const { signal } = context.attachment;
  const leave = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    let plain: Duplex | undefined = stream;
    while (plain) plain = await serveUntilSessionEnds(plain, context, services);
  } catch {
    stream.destroy();
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** @returns the stream if it goes on in plain text after a session */
async function serveUntilSessionEnds(
  stream: Duplex,
  context: Unsecured,
  services: ServiceTable,
): Promise<Duplex | undefined> {
  const channel = new ByteChannel(stream);
  const turn = await serveRequests(channel, { ...context, session: undefined }, services);
  const released = channel.release();
  if (typeof turn === 'object') return serveSession(released, turn.session, context, services);
  closeGently(released);
  return undefined;
}

async function serveSession(
  stream: Duplex,
  session: Session,
  context: Unsecured,
  services: ServiceTable,
): Promise<Duplex | undefined> {
  const { phone } = context;
  const below = new PlainAgainStream(stream);
  const tls = await serveTls(below, {
    privateKey: phone.deviceKey.privateKey,
    certificate: session.host.deviceCertificate,
    accepted: [session.host.hostCertificate, session.host.rootCertificate],
    versionMax: phone.system.tlsVersionMax,
  });
  const channel = new ByteChannel(tls);
  const turn = await serveRequests(channel, { ...context, session }, services);
  closeGently(channel.release().resume());
  if (turn === 'stop-session') return below.plainAgain();
  closeGently(stream);
  return undefined;
}

async function serveRequests(
  channel: ByteChannel,
  context: LockdownContext,
  services: ServiceTable,
): Promise<Turn> {
  const messages = plistChannel(channel);
  for (;;) {
    const message = await withTimeout(messages.receive(), {
      timeoutMs: IDLE_MS_MAX,
      waitingFor: 'a lockdown request',
    });
    if (!message) return 'end';
    const request = asDict(message.value) ?? {};
    const { answer, session } = await answerRequest(request, context, services);
    await messages.send({ ...answer, Request: asString(request['Request']) });
    if (isRefusal(answer)) continue;
    if (session) return { session };
    if (request['Request'] === 'StopSession') return 'stop-session';
    if (request['Request'] === 'Goodbye') return 'end';
  }
}

/** Source: device-protocols, section 3.2. */
async function answerRequest(
  request: PlistDict,
  context: LockdownContext,
  services: ServiceTable,
): Promise<{ readonly answer: LockdownAnswer; readonly session?: Session }> {
  switch (asString(request['Request'])) {
    case 'QueryType':
      return { answer: { Type: 'com.apple.mobile.lockdown' } };
    case 'GetValue':
      return { answer: getValue(request, context) };
    case 'SetValue':
      return { answer: await setValue(request, context) };
    case 'RemoveValue':
      return { answer: await removeValue(request, context) };
    case 'Pair':
      return { answer: await pair(request, context) };
    case 'ValidatePair':
      return { answer: validatePair(request, context) };
    case 'Unpair':
      return { answer: await unpair(request, context) };
    case 'StartSession':
      return startSession(request, context);
    case 'StopSession':
      return { answer: stopSession(request, context) };
    case 'StartService':
      return { answer: startService(request, context, services) };
    case 'Goodbye':
      return { answer: {} };
    default:
      // Unknown: what a phone says to a request it does not know.
      return { answer: refuse('MalformedCommand') };
  }
}
