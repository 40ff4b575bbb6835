import { Duplex, PassThrough } from 'node:stream';
import { parsePropertyList } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import { readMessage } from '../plist-stream.ts';
import { INSTALLATION_PROXY_SERVICE } from '../services/installation-proxy/installation-proxy.ts';
import { MOBILEBACKUP2_SERVICE } from '../services/mobilebackup2/session.ts';
import { NOTIFICATION_PROXY_SERVICE } from '../services/notification-proxy/notification-proxy.ts';
import { SPRINGBOARDSERVICES_SERVICE } from '../services/springboardservices/springboardservices.ts';
import type { Direction, Hear, Witness } from './witness.ts';

/** mobilebackup2 too, until files travel: those are no property lists, and nobody listens any more. */
const SPEAK_PROPERTY_LISTS: ReadonlySet<string> = new Set([
  MOBILEBACKUP2_SERVICE,
  INSTALLATION_PROXY_SERVICE,
  NOTIFICATION_PROXY_SERVICE,
  SPRINGBOARDSERVICES_SERVICE,
]);

/** Longer messages hold lists of files and icons: nothing that a trace is for. */
const MESSAGE_BYTES_MAX = 1024 * 1024;

/** Lets a witness hear what is said to a service, without changing it. */
export function overheard(stream: Duplex, service: string, witness: Witness | undefined): Duplex {
  const hear = witness?.({ layer: 'service', service });
  if (hear === undefined || !SPEAK_PROPERTY_LISTS.has(service)) return stream;
  const sent = listener('sent', hear);
  const received = listener('received', hear);
  const heard = new Duplex({
    read: () => stream.resume(),
    write(chunk: Uint8Array, _encoding, done) {
      sent.write(chunk);
      stream.write(chunk, done);
    },
    final: (done) => stream.end(done),
    destroy(error, done) {
      for (const end of [sent, received]) end.destroy();
      stream.destroy();
      done(error);
    },
  });
  stream.on('data', (chunk: Uint8Array) => {
    received.write(chunk);
    if (!heard.push(chunk)) stream.pause();
  });
  stream.on('end', () => heard.push(null));
  stream.on('error', (error) => heard.destroy(error));
  stream.on('close', () => {
    if (!heard.readableEnded) heard.push(null);
  });
  return heard;
}

/** Takes the bytes of one direction apart, for as long as they are messages. */
function listener(direction: Direction, hear: Hear): PassThrough {
  const bytes = new PassThrough();
  bytes.on('error', () => {});
  void listen(new ByteChannel(bytes), (message) => hear(direction, message)).catch(() => {
    bytes.destroy(); // No message: what follows is not for a trace.
  });
  return bytes;
}

async function listen(channel: ByteChannel, hear: (message: ReturnType<typeof parsePropertyList>) => void) {
  for (;;) {
    const message = await readMessage(channel, MESSAGE_BYTES_MAX);
    if (message === undefined) return;
    hear(parsePropertyList(message));
  }
}
