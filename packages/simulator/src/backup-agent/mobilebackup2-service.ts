import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asArray,
  asBoolean,
  asDict,
  asNumber,
  asString,
  type PlistDict,
  PlistReal,
} from '@rootcellar/codecs';
import { KnownError } from '@rootcellar/core';
import { backupAgentError } from '../errors.ts';
import type { Service, ServiceContext } from '../services/service.ts';
import { Refusal, refusals } from './answers.ts';
import { backUp } from './back-up.ts';
import { changePassword } from './change-password.ts';
import { DeviceLink } from './device-link.ts';
import { HostFailure, HostFolder } from './host-folder.ts';
import { refuseList, refuseUnback, reportInfo } from './legacy-requests.ts';
import { restore } from './restore.ts';
import { completePendingRestore } from './restore-plan.ts';
import type { AgentOptions, AgentSession, Outcome } from './session.ts';

/** How long the phone waits for the host's goodbye after it has answered. */
const GOODBYE_MS = 5_000;

/** Protocol versions both sides may choose. Source: device-protocols specification, section 7.1. */
const PROTOCOL_VERSION = 2.1;

/** The phone's side of `com.apple.mobilebackup2`: one request per connection. */
export function mobilebackup2Service(options: AgentOptions = {}): Service {
  return {
    name: 'com.apple.mobilebackup2',
    serve: (context) => serve(context, options),
    afterRestart: completePendingRestore,
  };
}

async function serve(context: ServiceContext, options: AgentOptions): Promise<void> {
  const link = new DeviceLink(context.channel, context.signal, options.onMessage);
  const workFolder = await mkdtemp(join(tmpdir(), 'phone-agent-'));
  try {
    await greet(link, context, options);
    const request = await link.receiveProcessMessage();
    const { phone, signal, escrowUnlocked, channel } = context;
    const run = { request: asString(request['MessageName']) ?? '', hangUp: () => channel.destroy(), signal };
    const ordinary = new HostFolder(link, phone.random);
    const host = options.wrapHost?.(ordinary, run) ?? ordinary;
    const folder = folderOf(request, phone.identity.udid);
    const session = { phone, link, host, request, folder, workFolder, options, signal, escrowUnlocked };
    const outcome = await answer(session);
    if (outcome === 'no answer') return;
    await sayGoodbye(link, context);
    outcome.afterwards?.();
  } catch (error) {
    ignoreEndOfConversation(error);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function greet(link: DeviceLink, { phone }: ServiceContext, options: AgentOptions): Promise<void> {
  const major = options.deviceLinkMajor ?? phone.behaviour.deviceLinkMajor;
  await link.greet(major);
  const hello = await link.receiveProcessMessage();
  const versions = asArray(hello['SupportedProtocolVersions'])?.map(asNumber) ?? [];
  if (asString(hello['MessageName']) !== 'Hello') {
    throw backupAgentError('message-not-understood', { reason: 'no Hello' });
  }
  if (!versions.includes(PROTOCOL_VERSION)) {
    await sendRefusal(link, refusals.noCommonVersion());
    throw backupAgentError('no-common-version');
  }
  await link.sendProcessMessage({
    MessageName: 'Response',
    ErrorCode: 0,
    ProtocolVersion: new PlistReal(PROTOCOL_VERSION),
  });
}

/** Serves one request and sends its result. */
async function answer(session: AgentSession): Promise<Outcome | 'no answer'> {
  try {
    const outcome = await perform(session);
    if (outcome === 'no answer') return outcome;
    const message = { MessageName: 'Response', ErrorCode: 0, ...outcome.content };
    await session.link.sendProcessMessage(message).catch(ignoreEndOfConversation);
    return outcome;
  } catch (error) {
    const refusal = error instanceof HostFailure ? refusals.hostDriveFailed() : error;
    if (!(refusal instanceof Refusal)) throw error;
    await sendRefusal(session.link, refusal);
    return {};
  }
}

async function perform(session: AgentSession): Promise<Outcome | 'no answer'> {
  const { phone, request } = session;
  const target = asString(request['TargetIdentifier']);
  if (target !== undefined && target.toUpperCase() !== phone.identity.udid.toUpperCase()) {
    throw refusals.wrongTarget();
  }
  switch (asString(request['MessageName'])) {
    case 'Backup':
      return backUpAndRemember(session);
    case 'Restore':
      return restore(session);
    case 'Info':
      return { content: { Content: await reportInfo(session) } };
    case 'List':
      throw await refuseList(session);
    case 'Unback':
      await refuseUnback(session);
      return 'no answer';
    case 'Extract':
      throw refusals.notInManifest();
    case 'ChangePassword':
      await changePassword(session);
      return {};
    case 'EraseDevice':
      return { afterwards: () => void phone.erase().catch(() => {}) };
    case 'EnableCloudBackup':
      setCloudBackup(session);
      return {};
    default:
      throw refusals.unknownRequest();
  }
}

async function backUpAndRemember(session: AgentSession): Promise<Outcome> {
  try {
    await backUp(session);
  } catch (error) {
    const vanished = backupAgentError.matches(error, 'host-vanished');
    if (vanished && session.options.leavesSnapshotBehind) session.phone.condition.leftoverSnapshot = true;
    throw error;
  }
  await session.phone.save();
  return {};
}

function setCloudBackup({ phone, request }: AgentSession): void {
  const options = asDict(request['Options']) ?? request;
  const enabled = asBoolean(options['CloudBackupState']) ?? false;
  phone.values.set('com.apple.mobile.backup', 'CloudBackupEnabled', enabled);
}

/**
 * The folder in the host's root: the backup's source, or this phone. It becomes the first segment of
 * every path, so it may not be more than one.
 */
function folderOf(request: PlistDict, udid: string): string {
  const name = asString(request['SourceIdentifier']) ?? asString(request['TargetIdentifier']) ?? udid;
  if (!/^[0-9A-Za-z-]{1,100}$/.test(name)) {
    throw backupAgentError('message-not-understood', { reason: 'an identifier that is no name' });
  }
  return name;
}

async function sendRefusal(link: DeviceLink, refusal: Refusal): Promise<void> {
  await link.sendProcessMessage({
    MessageName: 'Response',
    ErrorCode: refusal.errorCode,
    ErrorDescription: refusal.message,
  });
}

/** Waits for Disconnect or the end of the stream, but not long: the work is done. */
async function sayGoodbye(link: DeviceLink, { phone, signal }: ServiceContext): Promise<void> {
  const enough = new AbortController();
  const timeUp = phone.clock.sleep(GOODBYE_MS, AbortSignal.any([signal, enough.signal]));
  await Promise.race([link.receive().catch(() => {}), timeUp]);
  enough.abort();
}

/** The host is gone, or speaks so that there is no use in going on: nothing that a phone reports. */
function ignoreEndOfConversation(error: unknown): void {
  const notUnderstood = error instanceof KnownError && error.code.startsWith('plist.');
  if (!backupAgentError.matches(error) && !notUnderstood) throw error;
}
