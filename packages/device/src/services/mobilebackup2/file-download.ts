import { asArray, asString, type PlistDict } from '@rootcellar/codecs';
import { type ByteChannel, entryToRead, foreseeing, type TreeEntry, treeError } from '@rootcellar/core';
import type { DeviceLinkMessage } from '../device-link/device-link-message.ts';
import { deviceLinkError } from '../errors.ts';
import type { ServedStatus } from './file-requests.ts';
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

/** What the phone reads to know what there is. Source: device-protocols §7.6. */
const CONTROL_FILE = /\/(?:Info\.plist|Status\.plist|Manifest\.(?:plist|db|mbdb))$/;

/** How content is told of while it goes, and how it is stopped. */
export interface TransferOptions {
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What one DLMessageDownloadFiles took. */
export interface DownloadOutcome {
  readonly status: ServedStatus;
  /** Sent to their end; without those that only tell what else there is. */
  readonly files: number;
}

/**
 * Answers DLMessageDownloadFiles: sends each named file, or says why not, and goes on. Whatever fails
 * and however it is stopped, what is sent stays well-formed: only so can the device hear more.
 *
 * @throws `device-link.message-invalid` if the names are none; `stream.*`
 *
 * Source: device-protocols §7.6; Appendix D has the bytes.
 */
export async function sendFiles(
  channel: ByteChannel,
  tree: ServedTree,
  message: DeviceLinkMessage,
  options: TransferOptions,
): Promise<DownloadOutcome> {
  let files = 0;
  const failures: [string, PlistDict][] = [];
  let failure: unknown;
  const requests = requested(tree, namesIn(message));
  for await (const { name } of foreseeing(tree, requests, ({ file }) => file)) {
    if (options.signal?.aborted) break;
    const error = await sendFile(channel, tree, name, options);
    if (error === undefined) {
      if (!CONTROL_FILE.test(name)) files += 1;
      continue;
    }
    const code = statusCodeOf(error);
    // That a file does not exist is what the device wanted to know, not a failure.
    if (code !== STATUS_CODE.notFound) failure ??= error;
    failures.push([name, { DLFileErrorString: statusText(code), DLFileErrorCode: code }]);
  }
  await channel.write(u32(0));
  if (failures.length === 0) return { status: { code: STATUS_CODE.ok }, files };
  const code = STATUS_CODE.multiStatus;
  const payload = Object.fromEntries(failures);
  return { status: { code, text: statusText(code), payload, failure }, files };
}

function namesIn(message: DeviceLinkMessage): readonly string[] {
  const values = asArray(message.element(1)) ?? [];
  if (values.length > FILES_PER_MESSAGE_MAX) {
    throw deviceLinkError('message-invalid', { reason: 'too many files' });
  }
  return values.map((value) => {
    const name = asString(value);
    if (name === undefined) throw deviceLinkError('message-invalid', { reason: 'a name that is no text' });
    return name;
  });
}

/** Names with the files that they mean; what is no file is told when it is its turn. */
async function* requested(
  tree: ServedTree,
  names: readonly string[],
): AsyncGenerator<{ readonly name: string; readonly file: ReturnType<typeof entryToRead> }> {
  for (const name of names) {
    const entry = await statOf(tree, name).catch(() => undefined);
    yield { name, file: entry && entryToRead(entry) };
  }
}

async function statOf(tree: ServedTree, name: string): Promise<TreeEntry | undefined> {
  return tree.stat(tree.pathOf(name));
}

/** @returns why this file could not be sent, if so */
async function sendFile(
  channel: ByteChannel,
  tree: ServedTree,
  name: string,
  { onBytes, signal }: TransferOptions,
): Promise<unknown> {
  const encoded = Buffer.from(name);
  await channel.write(Buffer.concat([u32(encoded.length), encoded]));
  try {
    for await (const piece of readable(tree, name)) {
      signal?.throwIfAborted();
      await channel.write(dataFrames(piece));
      onBytes(piece.length);
    }
  } catch (error) {
    if (channel.closed) throw error;
    await channel.write(frame(FRAME.failed, Buffer.from(statusText(statusCodeOf(error)))));
    return error;
  }
  await channel.write(frame(FRAME.end));
  return undefined;
}

/** The content of a file, lent; what is empty but must not be counts as absent. */
async function* readable(tree: ServedTree, name: string): AsyncGenerator<Uint8Array> {
  const path = tree.pathOf(name);
  if (NEVER_EMPTY.test(path) && (await tree.stat(path))?.sizeBytes === 0) throw treeError('not-found');
  yield* tree.read(path, undefined, { lent: true });
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
