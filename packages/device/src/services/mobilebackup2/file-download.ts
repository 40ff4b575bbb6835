import { asArray, asString, type PlistDict } from '@rootcellar/codecs';
import { type ByteChannel, treeError } from '@rootcellar/core';
import type { Status } from '../device-link/device-link.ts';
import type { DeviceLinkMessage } from '../device-link/device-link-message.ts';
import { deviceLinkError } from '../errors.ts';
import type { ServedTree } from './served-tree.ts';
import { STATUS_CODE, statusCodeOf, statusText } from './status-code.ts';

/** Frame codes, host → device. Source: device-protocols §7.6. */
const FRAME = { end: 0x00, failed: 0x06, data: 0x0c } as const;

const FRAME_HEADER_BYTES = 5;

/**
 * Data of one frame. Larger ones made the backup agent of phones exceed its memory and be killed.
 * Source: observed §1.8 (pymobiledevice3 #1857: a database of 1.55 GB in 128 MiB frames).
 */
const FRAME_DATA_BYTES = 32 * 1024;

const FILES_PER_MESSAGE_MAX = 1_000_000;

/** An empty one of these is damage to the phone; absent, it means a first backup. Source: §7.6. */
const NEVER_EMPTY = /\/(?:Status\.plist|Manifest\.plist|Manifest\.db)$/;

/**
 * Answers DLMessageDownloadFiles: sends each named file, or says why not, and goes on.
 *
 * @param onBytes called as content is sent
 *
 * Source: device-protocols §7.6; Appendix D has the bytes.
 */
export async function sendFiles(
  channel: ByteChannel,
  tree: ServedTree,
  message: DeviceLinkMessage,
  onBytes: (bytes: number) => void,
): Promise<Status> {
  const names = asArray(message.element(1)) ?? [];
  if (names.length > FILES_PER_MESSAGE_MAX)
    throw deviceLinkError('message-invalid', { reason: 'too many files' });

  const failures: [string, PlistDict][] = [];
  for (const value of names) {
    const name = asString(value);
    if (name === undefined) throw deviceLinkError('message-invalid', { reason: 'a name that is no text' });
    const code = await sendFile(channel, tree, name, onBytes);
    if (code === STATUS_CODE.ok) continue;
    failures.push([name, { DLFileErrorString: statusText(code), DLFileErrorCode: code }]);
  }
  await channel.write(u32(0));
  if (failures.length === 0) return { code: STATUS_CODE.ok };
  return {
    code: STATUS_CODE.multiStatus,
    text: statusText(STATUS_CODE.multiStatus),
    payload: Object.fromEntries(failures),
  };
}

/** @returns a status code for this file */
async function sendFile(
  channel: ByteChannel,
  tree: ServedTree,
  name: string,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const encoded = Buffer.from(name);
  await channel.write(Buffer.concat([u32(encoded.length), encoded]));
  const pieces = readable(tree, name);
  try {
    for (;;) {
      const piece = await pieces.next();
      if (piece.done) break;
      await channel.write(dataFrames(piece.value));
      onBytes(piece.value.length);
    }
  } catch (error) {
    if (channel.closed) throw error;
    const code = statusCodeOf(error);
    await channel.write(frame(FRAME.failed, Buffer.from(statusText(code))));
    return code;
  }
  await channel.write(frame(FRAME.end));
  return STATUS_CODE.ok;
}

/** The content of a file; what is empty but must not be counts as absent. */
async function* readable(tree: ServedTree, name: string): AsyncGenerator<Uint8Array> {
  const path = tree.pathOf(name);
  if (NEVER_EMPTY.test(path) && (await tree.stat(path))?.sizeBytes === 0) throw treeError('not-found');
  yield* tree.read(path);
}

/** A piece as frames of at most 32 KiB of data each, in one buffer: one write instead of many. */
function dataFrames(piece: Uint8Array): Uint8Array {
  const frames = Math.ceil(piece.length / FRAME_DATA_BYTES);
  const bytes = Buffer.allocUnsafe(piece.length + frames * FRAME_HEADER_BYTES);
  let at = 0;
  for (let start = 0; start < piece.length; start += FRAME_DATA_BYTES) {
    const data = piece.subarray(start, start + FRAME_DATA_BYTES);
    bytes.writeUInt32BE(data.length + 1, at);
    bytes[at + 4] = FRAME.data;
    bytes.set(data, at + FRAME_HEADER_BYTES);
    at += FRAME_HEADER_BYTES + data.length;
  }
  return bytes;
}

function frame(code: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return Buffer.concat([u32(data.length + 1), Uint8Array.of(code), data]);
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
