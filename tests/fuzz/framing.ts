/** How messages of a protocol say how long they are: where a lie has the greatest effect. */
export interface Framing {
  /** What stands before the content of a message. */
  readonly headerBytes: number;
  /** Writes a length into a message, in each place where there is one. */
  readonly setLength: (message: Buffer, field: number, length: number) => void;
  readonly fields: number;
  /** What the length of a whole message of so many bytes should say. */
  readonly lengthOf: (messageBytes: number) => number;
}

/** A big-endian u32 before a property list, or before a name or block of DeviceLink. */
export const LENGTH_FIRST: Framing = {
  headerBytes: 4,
  fields: 1,
  setLength: (message, _, length) => void message.writeUInt32BE(length >>> 0, 0),
  lengthOf: (bytes) => bytes - 4,
};

/** Sixteen bytes of usbmux, little-endian; the length counts them. */
export const USBMUX: Framing = {
  headerBytes: 16,
  fields: 1,
  setLength: (message, _, length) => void message.writeUInt32LE(length >>> 0, 0),
  lengthOf: (bytes) => bytes,
};

/** Forty bytes of AFC with two lengths, of the whole and of its fixed part. */
export const AFC: Framing = {
  headerBytes: 40,
  fields: 2,
  setLength: (message, field, length) => void message.writeBigUInt64LE(BigInt(length), 8 + 8 * field),
  lengthOf: (bytes) => bytes,
};
