import { Duplex, duplexPair } from 'node:stream';

/** Somebody who says these messages, whatever they hear, and then hangs up. */
export function scriptedStream(messages: readonly Uint8Array[]): Duplex {
  let next = 0;
  return new Duplex({
    read() {
      const message = messages[next];
      next += 1;
      // An empty piece would say nothing, and nobody would ask again.
      if (message?.length === 0) this._read(0);
      else this.push(message ?? null);
    },
    write: (_bytes, _encoding, done) => done(),
  }).on('error', () => {});
}

/** What both sides of a conversation said, write by write. */
export interface Recording {
  readonly host: readonly Uint8Array[];
  readonly phone: readonly Uint8Array[];
}

/** Two ends of a wire, and somebody who writes down what goes over it. */
export function recordedWire(): {
  readonly host: Duplex;
  readonly phone: Duplex;
  readonly recording: Recording;
} {
  const recording = { host: [] as Uint8Array[], phone: [] as Uint8Array[] };
  const [host, hostSide] = duplexPair();
  const [phone, phoneSide] = duplexPair();
  pass(hostSide, phoneSide, recording.host);
  pass(phoneSide, hostSide, recording.phone);
  // As with a socket: what one end tears down is soon gone at the other end too.
  for (const [end, other] of [
    [host, phone],
    [phone, host],
  ] as const) {
    end.on('close', () => setImmediate(() => other.destroy()));
  }
  return { host, phone, recording };
}

function pass(from: Duplex, to: Duplex, said: Uint8Array[]): void {
  from.on('data', (bytes: Uint8Array) => {
    said.push(Uint8Array.from(bytes));
    if (!to.destroyed && !to.writableEnded) to.write(bytes);
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}
