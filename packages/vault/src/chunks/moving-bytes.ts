import { freeBytes } from '@rootcellar/core';

/** Bytes that move to another thread, with all of their memory. */
export interface MovingBytes {
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** What to transfer. */
  readonly memory: ArrayBuffer;
}

/**
 * Prepares bytes to be moved: one part that has memory of its own moves as it is, anything else is copied together. Memory
 * that a part had for itself is given back.
 *
 * @param parts given away; none may stand there twice
 * @throws TypeError if the memory of a part has moved before: it would arrive empty
 */
export function movingBytes(parts: readonly Uint8Array[]): MovingBytes {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && hasOwnMemory(first))
    return { parts: [first], memory: first.buffer };
  const memory = new ArrayBuffer(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  const copies = parts.map((part) => {
    requirePresent(part.buffer);
    const copy = new Uint8Array(memory, at, part.length);
    copy.set(part);
    at += part.length;
    freeBytes(part);
    return copy;
  });
  return { parts: copies, memory };
}

function hasOwnMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  requirePresent(bytes.buffer);
  return bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.length;
}

function requirePresent(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer && memory.detached)
    throw new TypeError('These bytes were given away before.');
}
