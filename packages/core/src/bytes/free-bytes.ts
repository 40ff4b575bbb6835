/**
 * Gives memory back at once instead of when the garbage collector comes by: it counts such memory, and comes the more
 * often, the more of it waits. Nobody may look at these bytes afterwards; they are empty then.
 *
 * @param bytes their owner says that they are of no more use; memory that they share with others stays
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && !buffer.detached && buffer.byteLength === bytes.byteLength)
    buffer.transfer(0);
}
