import { KnownError } from '@rootcellar/core';
import {
  connectDevice,
  type DeviceConnection,
  greetBackupAgent,
  MOBILEBACKUP2_SERVICE,
  type TraceWriter,
  type Usbmux,
} from '@rootcellar/device';
import { chooseDevice } from './choose-device.ts';

/** Domains whose keys tell what a phone is able to. Source: observed §5.4. */
const DOMAINS = [
  undefined,
  'com.apple.disk_usage',
  'com.apple.mobile.backup',
  'com.apple.mobile.battery',
  'com.apple.mobile.iTunes',
  'com.apple.mobile.wireless_lockdown',
];

export interface RecordConversationOptions {
  /** Whose witness writes `trace`. */
  readonly usbmux: Usbmux;
  readonly trace: TraceWriter;
  readonly device?: string | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Asks a phone what it usually tells, and says hello to its backup agent, so that a trace has it. Asks for no
 * content and changes nothing. Ends the trace, whatever happens.
 *
 * @returns the code of what stopped it, or `done`
 */
export async function recordConversation(options: RecordConversationOptions): Promise<string> {
  let outcome = 'stopped';
  try {
    await converse(options);
    outcome = 'done';
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    outcome = error.code;
  } finally {
    options.trace.end(outcome);
  }
  return outcome;
}

async function converse({ usbmux, device, signal }: RecordConversationOptions): Promise<void> {
  const { attachments } = await chooseDevice(usbmux, device);
  const connection = await connectDevice(usbmux, attachments[0], signal);
  try {
    for (const domain of DOMAINS) await connection.lockdown.values(domain);
    await greet(connection, signal);
  } finally {
    connection.close();
  }
}

async function greet(connection: DeviceConnection, signal: AbortSignal | undefined): Promise<void> {
  await greetBackupAgent(await connection.openService(MOBILEBACKUP2_SERVICE, { escrow: true }), signal);
}
