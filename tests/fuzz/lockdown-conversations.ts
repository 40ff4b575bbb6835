import type { Duplex } from 'node:stream';
import { encodeXmlPlist, type PlistDict } from '@rootcellar/codecs';
import { Lockdown, lockdownError, type PairRecord, pair } from '@rootcellar/device';
import type { SimulatedPhone } from '@rootcellar/simulator';
import type { LockdownContext } from '../../packages/simulator/src/lockdown/lockdown-context.ts';
import { serveLockdown } from '../../packages/simulator/src/lockdown/lockdown-conversation.ts';
import { ServicePorts } from '../../packages/simulator/src/lockdown/service-ports.ts';
import { TrustDialogue } from '../../packages/simulator/src/lockdown/trust-dialogue.ts';
import { Attachments } from '../../packages/simulator/src/mux/attachments.ts';
import { Heartbeats } from '../../packages/simulator/src/services/heartbeats.ts';
import { ServiceTable } from '../../packages/simulator/src/services/service-table.ts';
import { standardServices } from '../../packages/simulator/src/services/standard-services.ts';
import type { Conversation } from './conversation.ts';
import { LENGTH_FIRST } from './framing.ts';
import { fuzzedPhone, turningClock } from './fuzzed-phone.ts';
import { recordedWire } from './scripted-stream.ts';

/** Requests that need no session, and those of a computer that knows its HostID. */
export async function lockdownConversations(): Promise<readonly Conversation[]> {
  const { record, said } = await pairOnce();
  const pairing: Conversation = {
    name: 'lockdown pair',
    framing: LENGTH_FIRST,
    weight: 2,
    says: said,
    phone: (stream) => serveAlone(stream, sayHello),
  };
  const starting: Conversation = {
    name: 'lockdown start service',
    framing: LENGTH_FIRST,
    weight: 3,
    says: [message({ Request: 'StartService', Service: 'test', Port: 50_000, EnableServiceSSL: true })],
    host: (stream) => closing(new Lockdown(stream), (lockdown) => lockdown.startService('test')),
  };
  return [
    pairing,
    starting,
    conversation('values', 4, readValues),
    conversation('requests', 3, makeRequests(record.hostID)),
    conversation('session', 1, (lockdown) => lockdown.startSession(record), record),
  ];
}

function conversation(
  name: string,
  weight: number,
  ask: (lockdown: Lockdown) => Promise<unknown>,
  trusted?: PairRecord,
): Conversation {
  return {
    name: `lockdown ${name}`,
    framing: LENGTH_FIRST,
    weight,
    host: (stream) => closing(new Lockdown(stream), ask),
    phone: (stream) => serveAlone(stream, (phone) => trusted && trust(phone, trusted)),
  };
}

async function readValues(lockdown: Lockdown): Promise<void> {
  await lockdown.requireNormalMode();
  await lockdown.values();
  await lockdown.text('DeviceName');
  await lockdown.number('TotalDataCapacity', 'com.apple.disk_usage');
  await lockdown.flag('PasswordProtected');
  await lockdown.values('com.apple.mobile.backup');
}

/** Most are refused without a session; a refusal is an answer like any other. */
function makeRequests(HostID: string) {
  const requests: readonly (readonly [string, PlistDict])[] = [
    ['SetValue', { Key: 'DeviceName', Value: 'another' }],
    ['RemoveValue', { Key: 'DeviceName' }],
    ['ValidatePair', { PairRecord: { HostID } }],
    ['Unpair', { PairRecord: { HostID } }],
    ['StartSession', { HostID: 'unknown' }],
    ['StopSession', { SessionID: 'none' }],
    ['StartService', { Service: 'com.apple.afc', EscrowBag: new Uint8Array(32) }],
    ['StartService', { Service: 'com.apple.mobile.insecure_notification_proxy' }],
    ['Goodbye', {}],
  ];
  return async (lockdown: Lockdown): Promise<void> => {
    for (const [name, fields] of requests) await lockdown.request(name, fields).catch(refused);
  };
}

function refused(error: unknown): void {
  if (!lockdownError.matches(error)) throw error;
}

/** A phone that says Hello trusts without asking. */
function sayHello({ condition }: SimulatedPhone): void {
  condition.setUp = false;
}

async function closing(lockdown: Lockdown, ask: (lockdown: Lockdown) => Promise<unknown>): Promise<unknown> {
  try {
    return await ask(lockdown);
  } finally {
    lockdown.close();
  }
}

async function serveAlone(stream: Duplex, prepare: (phone: SimulatedPhone) => void): Promise<void> {
  const phone = await fuzzedPhone();
  prepare(phone);
  const attachment = new Attachments().attach(
    { udid: phone.identity.udid, usbProductID: 1, wifiLabel: () => '', accept: () => undefined },
    'USB',
  );
  const context: Omit<LockdownContext, 'session'> = {
    phone,
    ports: new ServicePorts(phone.clock, phone.random),
    dialogue: new TrustDialogue({ askTrust: async () => 'denied' }),
    heartbeats: new Heartbeats(phone.clock),
    attachment,
  };
  await serveLockdown(stream, context, new ServiceTable(phone, standardServices(phone)));
  await phone.stop();
}

function trust(phone: SimulatedPhone, record: PairRecord): void {
  const { hostID, systemBuid: systemBUID, rootCertificate, hostCertificate, deviceCertificate } = record;
  const escrowBag = record.escrowBag?.reveal() ?? new Uint8Array(32);
  phone.trust.add({ hostID, systemBUID, rootCertificate, hostCertificate, deviceCertificate, escrowBag });
}

/** Making keys takes a second, so a computer is paired once, with a phone that says Hello. */
async function pairOnce(): Promise<{ readonly record: PairRecord; readonly said: readonly Uint8Array[] }> {
  const { host, phone, recording } = recordedWire();
  const served = serveAlone(phone, sayHello);
  const lockdown = new Lockdown(host);
  const record = await pair(lockdown, { systemBuid: 'BUID', hostName: 'fuzz', clock: turningClock() });
  lockdown.close();
  await served;
  return { record, said: recording.host };
}

function message(content: PlistDict): Uint8Array {
  const list = encodeXmlPlist(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(list.length);
  return Buffer.concat([length, list]);
}
