import { duplexPair } from 'node:stream';
import {
  asArray,
  asDict,
  encodeBinaryPlist,
  type PlistArray,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { ByteChannel, memoryTree } from '@rootcellar/core';
import { readMessage, withLength } from '../plist-stream.ts';
import { runSession, type SessionOptions, type SessionResult } from '../services/mobilebackup2/session.ts';

/** Both ends of a wire in memory. A test plays the phone. */
export interface Wire {
  readonly ours: ByteChannel;
  readonly phone: ByteChannel;
}

export function wire(): Wire {
  const [ours, phone] = duplexPair();
  // As with a socket: what one end tears down is soon gone at the other end too.
  for (const [end, other] of [
    [ours, phone],
    [phone, ours],
  ] as const) {
    end.on('close', () => setImmediate(() => other.destroy()));
  }
  return { ours: new ByteChannel(ours), phone: new ByteChannel(phone) };
}

/** The device side of a DeviceLink conversation, one message at a time. */
export class ScriptedPhone {
  readonly channel: ByteChannel;

  constructor(channel: ByteChannel) {
    this.channel = channel;
  }

  async say(...message: PlistArray): Promise<void> {
    await this.channel.write(withLength(encodeBinaryPlist(message)));
  }

  /** The next message, or nothing if the other side hung up. */
  async hear(): Promise<PlistArray> {
    const bytes = await readMessage(this.channel, 2 ** 28);
    return (bytes && asArray(parsePropertyList(bytes))) ?? [];
  }

  /** Says something that wants an answer. */
  async ask(
    ...message: PlistArray
  ): Promise<{ code: PlistValue | undefined; text: PlistValue | undefined; payload: PlistDict }> {
    await this.say(...message);
    return this.hearStatus();
  }

  async hearStatus() {
    const [name, code, text, payload] = await this.hear();
    if (name !== 'DLMessageStatusResponse') throw new Error('Something else than a status was said');
    return { code, text, payload: asDict(payload) ?? {} };
  }

  /** @returns the request */
  async open(major = 400): Promise<PlistDict> {
    await this.say('DLMessageVersionExchange', major, 0);
    await this.hear();
    await this.say('DLMessageDeviceReady');
    await this.hear();
    await this.answer({ MessageName: 'Response', ErrorCode: 0 });
    return asDict((await this.hear())[1]) ?? {};
  }

  answer(message: PlistDict): Promise<void> {
    return this.say('DLMessageProcessMessage', message);
  }

  async end(errorCode = 0, ErrorDescription?: string): Promise<void> {
    await this.answer({ MessageName: 'Response', ErrorCode: errorCode, ErrorDescription });
  }

  /** Reads whatever still comes, until a goodbye or the end, and hangs up. */
  async hangUp(): Promise<'goodbye' | 'nothing'> {
    try {
      for (;;) {
        const [name] = await this.hear();
        if (name === 'DLMessageDisconnect') return 'goodbye';
        if (name === undefined) return 'nothing';
      }
    } catch {
      return 'nothing';
    } finally {
      this.channel.destroy();
    }
  }
}

/**
 * Runs a session against a phone that does what `script` says after the request. A script that ends
 * without having ended the session has succeeded.
 *
 * @returns the result; rejects with what the session or the script failed with
 */
export async function playSession(
  script: (phone: ScriptedPhone, request: PlistDict) => Promise<unknown>,
  options: Partial<SessionOptions> = {},
): Promise<SessionResult> {
  const { ours, phone: theirs } = wire();
  const phone = new ScriptedPhone(theirs);
  const session = runSession({
    channel: ours,
    tree: memoryTree(),
    request: { MessageName: 'Backup', TargetIdentifier: 'U' },
    identifiers: ['U'],
    ...options,
  });
  const played = (async () => {
    try {
      if ((await script(phone, await phone.open())) !== 'ended') await phone.end();
    } catch (error) {
      theirs.destroy();
      throw error;
    }
    await phone.hangUp();
  })();
  const [result] = await Promise.all([
    session.finally(() => ours.destroy()),
    played.catch(async (error: unknown) => {
      // What the session failed with explains more than that it hung up on the script.
      await session;
      throw error;
    }),
  ]);
  return result;
}
