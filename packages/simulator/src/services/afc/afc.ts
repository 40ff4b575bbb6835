import type { ByteChannel } from '@rootcellar/core';
import { phoneFilesError } from '../../errors.ts';
import type { PhoneFileSystem } from '../../file-system/phone-file-system.ts';
import type { Phone } from '../../phone/phone.ts';
import type { Service, ServiceContext } from '../service.ts';
import {
  AfcRefusal,
  describeNode,
  MEDIA_FOLDER,
  makeFolder,
  mediaPath,
  nodeAt,
  removePath,
} from './afc-files.ts';
import { AfcLocks } from './afc-locks.ts';
import { AfcOpenFiles } from './afc-open-files.ts';
import {
  type AfcAnswer,
  type AfcRequest,
  afcPacket,
  dataAnswer,
  numberAnswer,
  OPERATION,
  readAfcRequest,
  STATUS,
  statusAnswer,
  textsAnswer,
} from './afc-packet.ts';

/** The most one FILE_READ gives; clients ask again. Our limit. */
const READ_BYTES_MAX = 1024 * 1024;

const BLOCK_BYTES = 4096;

const OK = statusAnswer(STATUS.success);

/**
 * The media folder as a file server.
 *
 * Source: device-protocols, section 9.1; libimobiledevice, `src/afc.c`.
 */
export function afc(): Service {
  const locks = new AfcLocks();
  return { name: 'com.apple.afc', serve: (context) => serve(context, locks) };
}

async function serve({ phone, channel }: ServiceContext, locks: AfcLocks): Promise<void> {
  const open = new AfcOpenFiles(() => phone.files, locks);
  makeFolder(phone.files, MEDIA_FOLDER);
  try {
    while (await serveRequest(channel, phone, open));
  } finally {
    open.closeAll();
  }
}

async function serveRequest(channel: ByteChannel, phone: Phone, open: AfcOpenFiles): Promise<boolean> {
  const request = await readAfcRequest(channel);
  if (!request) return false;
  const answer = await answerRequest(request, phone, open);
  await channel.write(afcPacket(answer, request.number));
  return true;
}

async function answerRequest(request: AfcRequest, phone: Phone, open: AfcOpenFiles): Promise<AfcAnswer> {
  const fields = new AfcFields(request.data);
  try {
    return (
      answerAboutPaths(request.operation, fields, phone) ??
      (await answerAboutOpenFiles(request.operation, fields, open)) ??
      statusAnswer(STATUS.notSupported)
    );
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return statusAnswer(status);
  }
}

/** @returns `undefined` for what is neither our refusal nor one of the disk */
function statusOf(error: unknown): number | undefined {
  if (error instanceof AfcRefusal) return error.status;
  if (!phoneFilesError.matches(error)) return undefined;
  if (phoneFilesError.matches(error, 'full')) return STATUS.noSpaceLeft;
  if (phoneFilesError.matches(error, 'not-found')) return STATUS.notFound;
  if (phoneFilesError.matches(error, 'is-a-folder')) return STATUS.isFolder;
  return STATUS.invalidArgument;
}

function answerAboutPaths(operation: number, fields: AfcFields, phone: Phone): AfcAnswer | undefined {
  const { files } = phone;
  switch (operation) {
    case OPERATION.readFolder:
      return readFolder(files, mediaPath(fields.text(0)));
    case OPERATION.removePath:
      removePath(files, mediaPath(fields.text(0)), false);
      return OK;
    case OPERATION.removeWithContents:
      removePath(files, mediaPath(fields.text(0)), true);
      return OK;
    case OPERATION.makeFolder:
      makeFolder(files, mediaPath(fields.text(0)));
      return OK;
    case OPERATION.fileInfo:
      return textsAnswer(describeNode(files, nodeAt(files, mediaPath(fields.text(0)))));
    case OPERATION.deviceInfo:
      return deviceInfo(phone);
    case OPERATION.rename:
      return rename(files, fields);
    case OPERATION.setModificationTime: {
      const path = mediaPath(fields.text(8));
      nodeAt(files, path);
      files.setAttributes(path, { modifiedAt: Number(fields.u64(0) / 1_000_000_000n) });
      return OK;
    }
    default:
      return undefined;
  }
}

async function answerAboutOpenFiles(
  operation: number,
  fields: AfcFields,
  open: AfcOpenFiles,
): Promise<AfcAnswer | undefined> {
  switch (operation) {
    case OPERATION.open:
      return numberAnswer(OPERATION.openResult, open.open(mediaPath(fields.text(8)), fields.number(0)));
    case OPERATION.read:
      return dataAnswer(await open.read(fields.u64(0), Math.min(fields.number(8), READ_BYTES_MAX)));
    case OPERATION.write:
      await open.write(fields.u64(0), fields.rest(8));
      return OK;
    case OPERATION.seek:
      open.seek(fields.u64(0), fields.number(8), Number(BigInt.asIntN(64, fields.u64(16))));
      return OK;
    case OPERATION.tell:
      return numberAnswer(OPERATION.tellResult, BigInt(open.tell(fields.u64(0))));
    case OPERATION.setSize:
      await open.setSize(fields.u64(0), fields.number(8));
      return OK;
    case OPERATION.lock:
      open.lock(fields.u64(0), fields.number(8));
      return OK;
    case OPERATION.close:
      open.close(fields.u64(0));
      return OK;
    default:
      return undefined;
  }
}

function readFolder(files: PhoneFileSystem, path: string): AfcAnswer {
  if (nodeAt(files, path).kind !== 'folder') throw new AfcRefusal(STATUS.invalidArgument);
  return textsAnswer(['.', '..', ...files.list(path)]);
}

function rename(files: PhoneFileSystem, fields: AfcFields): AfcAnswer {
  const from = fields.text(0);
  const to = mediaPath(fields.text(Buffer.byteLength(from) + 1));
  const source = mediaPath(from);
  nodeAt(files, source);
  const parent = files.stat(to.slice(0, to.lastIndexOf('/')));
  if (parent?.kind !== 'folder' || `${to}/`.startsWith(`${source}/`))
    throw new AfcRefusal(STATUS.invalidArgument);
  files.rename(source, to);
  return OK;
}

function deviceInfo({ identity, files }: Phone): AfcAnswer {
  const freeBytes = Math.max(0, files.capacityBytes - files.usedBytes());
  const facts = [
    ['Model', identity.productType],
    ['FSTotalBytes', files.capacityBytes],
    ['FSFreeBytes', freeBytes],
    ['FSBlockSize', BLOCK_BYTES],
  ];
  return textsAnswer(facts.flat().map(String));
}

/** The fields of a request; every access outside of it is an invalid argument. */
class AfcFields {
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  u64(offset: number): bigint {
    if (offset + 8 > this.#data.length) throw new AfcRefusal(STATUS.invalidArgument);
    return new DataView(this.#data.buffer, this.#data.byteOffset).getBigUint64(offset, true);
  }

  /** A u64 used as a size or a choice. */
  number(offset: number): number {
    return Number(this.u64(offset));
  }

  /** Up to the next NUL, or to the end. */
  text(offset: number): string {
    if (offset >= this.#data.length) throw new AfcRefusal(STATUS.invalidArgument);
    const end = this.#data.indexOf(0, offset);
    return Buffer.from(this.#data.subarray(offset, end < 0 ? undefined : end)).toString('utf8');
  }

  rest(offset: number): Uint8Array {
    return this.#data.subarray(offset);
  }
}
