import { duplexPair } from 'node:stream';
import { asDict, type PlistDict, type PlistValue } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import { Lockdown } from '../lockdown/lockdown.ts';
import { type PlistStream, plistStream } from '../plist-stream.ts';

/** One conversation with a lockdownd that says what a test wants it to say. */
export interface ScriptedLockdown {
  readonly lockdown: Lockdown;
  /** What it was asked, in order. */
  readonly requests: readonly PlistDict[];
  /** Its end of the wire, for saying what nobody asked for. */
  readonly phone: PlistStream;
}

/**
 * @param answer to each request; `'silence'` for none, `'hang-up'` for the end, and an array of both is
 *   no answer but a value like any other
 */
export function scriptedLockdown(
  answer: (request: PlistDict) => PlistValue,
  signal?: AbortSignal,
): ScriptedLockdown {
  const [ours, theirs] = duplexPair();
  const phone = plistStream(new ByteChannel(theirs));
  const requests: PlistDict[] = [];
  void converse();

  async function converse(): Promise<void> {
    for (;;) {
      const request = await phone
        .receive({ timeoutMs: 60_000, waitingFor: 'a request' })
        .catch(() => undefined);
      if (request === undefined) return;
      const dict = asDict(request) ?? {};
      requests.push(dict);
      const says = answer(dict);
      if (says === 'hang-up') return phone.channel.end();
      if (says !== 'silence') await phone.send(says);
    }
  }

  return { lockdown: new Lockdown(ours, signal), requests, phone };
}
