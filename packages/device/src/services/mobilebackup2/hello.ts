import { PlistReal } from '@rootcellar/codecs';
import type { ByteChannel } from '@rootcellar/core';
import { DeviceLink } from '../device-link/device-link.ts';
import { mobilebackup2Error } from '../errors.ts';
import { parseFinalAnswer } from './final-answer.ts';

/** The versions of the protocol that we speak. Source: device-protocols §7.1. */
const PROTOCOL_VERSIONS = [new PlistReal(2.0), new PlistReal(2.1)];

/** Agrees on a version of mobilebackup2. @throws `mobilebackup2.no-common-version` */
export async function sayHello(link: DeviceLink, signal?: AbortSignal): Promise<void> {
  await link.sendProcess({ MessageName: 'Hello', SupportedProtocolVersions: PROTOCOL_VERSIONS });
  const answer = parseFinalAnswer(await link.receiveProcess(signal));
  if (answer?.errorCode !== 0) throw mobilebackup2Error('no-common-version');
}

/**
 * Says hello to the backup agent of a device and goodbye again, without asking for anything: shows that
 * it is there and speaks with us.
 *
 * @param channel a fresh connection, opened with the escrow bag; it is used up
 * @throws `device-link.not-ready`, `mobilebackup2.no-common-version`
 */
export async function greetBackupAgent(channel: ByteChannel, signal?: AbortSignal): Promise<void> {
  const link = new DeviceLink(channel);
  try {
    await link.open(signal);
    await sayHello(link, signal);
  } finally {
    await link.close();
  }
}
