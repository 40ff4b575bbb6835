import { type Duplex, PassThrough, Duplex as StreamDuplex } from 'node:stream';
import type { Usbmux } from '@rootcellar/device';

/**
 * A way to devices that breaks after so many bytes have been received, all connections together:
 * every open one ends, as when a cable is pulled.
 */
export function cuttableStream(usbmux: Usbmux, bytesMax: number): Usbmux['connect'] {
  let leftBytes = bytesMax;
  const open = new Set<Duplex>();
  return async (attachment, port) => {
    const stream = await usbmux.connect(attachment, port);
    open.add(stream);
    const inward = new PassThrough();
    stream.on('data', (chunk: Uint8Array) => {
      const passed = chunk.subarray(0, Math.max(0, leftBytes));
      leftBytes -= chunk.length;
      inward.write(passed);
      if (leftBytes <= 0) for (const each of open) each.destroy();
    });
    stream.on('end', () => inward.end());
    stream.on('close', () => inward.end());
    stream.on('error', () => inward.end());
    stream.resume();
    return StreamDuplex.from({ readable: inward, writable: stream });
  };
}

/** A way to devices that tells how much is received over it. */
export function countedStream(usbmux: Usbmux, onBytes: (bytes: number) => void): Usbmux['connect'] {
  return async (attachment, port) => {
    const stream = await usbmux.connect(attachment, port);
    const inward = new PassThrough();
    stream.on('data', (chunk: Uint8Array) => onBytes(chunk.length));
    stream.pipe(inward);
    stream.on('close', () => inward.end());
    return StreamDuplex.from({ readable: inward, writable: stream });
  };
}
