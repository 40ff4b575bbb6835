import { duplexPair } from 'node:stream';
import { ByteChannel } from '@rootcellar/core';

/** Both ends of a wire in memory. A test plays the phone. */
export interface Wire {
  readonly ours: ByteChannel;
  readonly phone: ByteChannel;
}

export function wire(): Wire {
  const [ours, phone] = duplexPair();
  return { ours: new ByteChannel(ours), phone: new ByteChannel(phone) };
}
