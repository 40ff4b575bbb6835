import type { Duplex } from 'node:stream';
import { asDict, type PlistDict, parsePropertyList } from '@rootcellar/codecs';
import { ByteChannel, withTimeout } from '@rootcellar/core';
import { closeGently } from '../wire/close-gently.ts';
import { attachedMessage, type MuxEvent } from './attachments.ts';
import { muxBadVersionFrame, muxPlistFrame, RESULT, readMuxFrame, VERSION_PLIST } from './mux-frame.ts';
import { answerRequest, type Listener, type Mux, type MuxAnswer, resultMessage } from './mux-requests.ts';

/** A client that neither asks nor leaves is let go. Our choice; usbmuxd waits for ever. */
const IDLE_MS_MAX = 10 * 60_000;

/** A listener that does not read its events must not fill our memory. */
const EVENTS_WAITING_MAX = 1000;

/**
 * Holds one client's conversation with the multiplexer, until it leaves or becomes a tunnel.
 * Never throws: what a client does wrong costs it its connection and nothing else.
 *
 * Source: device-protocols, section 1; usbmuxd, `src/client.c`.
 */
export async function serveMuxClient(stream: Duplex, mux: Mux): Promise<void> {
  const channel = new ByteChannel(stream);
  const open = await converse(channel, mux).catch(() => undefined);
  const rest = channel.release();
  if (open === undefined) closeGently(rest);
  else open(rest);
}

/** @returns who takes the stream over, or `undefined` when the conversation has ended */
async function converse(channel: ByteChannel, mux: Mux): Promise<MuxAnswer['tunnel']> {
  for (;;) {
    const request = await withTimeout(readMuxFrame(channel), {
      timeoutMs: IDLE_MS_MAX,
      waitingFor: 'a request to the multiplexer',
    });
    if (request === undefined) return undefined;
    if (request.version !== VERSION_PLIST) {
      await channel.write(muxBadVersionFrame(request.tag));
      return undefined;
    }
    const answer = await answerRequest(readRequest(request.payload), mux);
    await channel.write(muxPlistFrame(answer.message, request.tag));
    if (answer.tunnel) return answer.tunnel;
    if (answer.listener) return sendEvents(channel, mux, answer.listener);
  }
}

/** What is no dictionary is answered like an unknown command. */
function readRequest(payload: Uint8Array): PlistDict {
  try {
    return asDict(parsePropertyList(payload)) ?? {};
  } catch {
    return {};
  }
}

/** Tells what is attached, then every change, until the client leaves or asks something. */
async function sendEvents(channel: ByteChannel, mux: Mux, listener: Listener): Promise<undefined> {
  let waiting = 0;
  let sent: Promise<void> = Promise.resolve();
  const send = (event: MuxEvent): void => {
    waiting += 1;
    if (waiting > EVENTS_WAITING_MAX) channel.destroy();
    sent = sent
      .then(() => channel.write(muxPlistFrame(eventMessage(event), 0)))
      .catch(() => channel.destroy())
      .finally(() => {
        waiting -= 1;
      });
  };
  for (const attachment of mux.attachments.list()) send({ kind: 'attached', attachment });
  const stop = mux.attachments.listen(send);
  mux.listeners.add(listener);
  try {
    const request = await readMuxFrame(channel);
    if (request) await channel.write(muxPlistFrame(resultMessage(RESULT.badCommand), request.tag));
  } finally {
    stop();
    mux.listeners.delete(listener);
  }
  return undefined;
}

function eventMessage(event: MuxEvent): PlistDict {
  if (event.kind === 'attached') return attachedMessage(event.attachment);
  return { MessageType: event.kind === 'detached' ? 'Detached' : 'Paired', DeviceID: event.deviceID };
}
