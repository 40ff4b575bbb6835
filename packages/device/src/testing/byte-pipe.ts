import { PassThrough } from 'node:stream';
import { ByteChannel } from '@rootcellar/core';

/** A channel on which exactly these bytes arrive, and then the end. */
export function arriving(...chunks: readonly Uint8Array[]): ByteChannel {
  const stream = new PassThrough();
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new ByteChannel(stream);
}

/** Bytes as a specification prints them; spaces and line ends do not count. */
export function hex(text: string): Uint8Array {
  return Buffer.from(text.replace(/\s/g, ''), 'hex');
}

/** For comparing: a Buffer and a Uint8Array of the same bytes are not equal to a test. */
export function toHex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex');
}
