import type { ByteChannel } from '@rootcellar/core';
import { phoneFilesError } from '../../errors.ts';
import type { PhoneFileSystem } from '../../file-system/phone-file-system.ts';
import type { Phone } from '../../phone/phone.ts';
import type { Service } from '../service.ts';
import { AfcRefusal, describeNode, makeFolder, makeLink, nodeAt, removePath } from './afc-files.ts';
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
import { type AfcRoot, MEDIA_ROOT, pathIn, requireInside } from './afc-root.ts';

/** The most one FILE_READ gives; clients ask again. Our limit. */
const READ_BYTES_MAX = 1024 * 1024;

const BLOCK_BYTES = 4096;

/** Source: libimobiledevice, `include/libimobiledevice/afc.h`, `afc_link_type_t`. */
const SYMBOLIC_LINK = 2;

const OK = statusAnswer(STATUS.success);

/**
 * The media folder as a file server.
 *
 * Source: device-protocols, section 9.1; libimobiledevice, `src/afc.c`.
 */
export function afc(): Service {
  const locks = new AfcLocks();
  return {
    name: 'com.apple.afc',
    serve: ({ phone, channel }) => serveAfc({ phone, channel, root: MEDIA_ROOT, locks }),
  };
}

/** What one connection works on. */
interface AfcContext {
  readonly phone: Phone;
  readonly root: AfcRoot;
  readonly open: AfcOpenFiles;
}

/** Answers until the client has gone. `locks` are shared by all connections to the same files. */
export async function serveAfc(options: {
  readonly phone: Phone;
  readonly channel: ByteChannel;
  readonly root: AfcRoot;
  readonly locks: AfcLocks;
}): Promise<void> {
  const { phone, channel, root, locks } = options;
  const open = new AfcOpenFiles(() => phone.files, locks);
  makeFolder(phone.files, root.folder);
  try {
    while (await serveRequest(channel, { phone, root, open }));
  } finally {
    open.closeAll();
  }
}

async function serveRequest(channel: ByteChannel, context: AfcContext): Promise<boolean> {
  const request = await readAfcRequest(channel);
  if (!request) return false;
  const answer = await answerRequest(request, context);
  await channel.write(afcPacket(answer, request.number));
  return true;
}

async function answerRequest(request: AfcRequest, context: AfcContext): Promise<AfcAnswer> {
  const fields = new AfcFields(request.data);
  try {
    return (
      answerAboutPaths(request.operation, fields, context) ??
      (await answerAboutOpenFiles(request.operation, fields, context)) ??
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

function answerAboutPaths(
  operation: number,
  fields: AfcFields,
  { phone, root }: AfcContext,
): AfcAnswer | undefined {
  const { files } = phone;
  const path = (offset: number): string => pathIn(root, fields.text(offset));
  switch (operation) {
    case OPERATION.readFolder:
      return readFolder(files, path(0), root);
    case OPERATION.removePath:
    case OPERATION.removeWithContents:
      return remove(files, path(0), { root, withContents: operation === OPERATION.removeWithContents });
    case OPERATION.makeFolder:
      makeFolder(files, path(0));
      return OK;
    case OPERATION.fileInfo:
      return textsAnswer(describeNode(files, nodeAt(files, path(0))));
    case OPERATION.deviceInfo:
      return deviceInfo(phone);
    case OPERATION.rename:
      return rename(files, fields, root);
    case OPERATION.makeLink:
      return link(files, fields, root);
    case OPERATION.setModificationTime:
      nodeAt(files, path(8));
      files.setAttributes(path(8), { modifiedAt: Number(fields.u64(0) / 1_000_000_000n) });
      return OK;
    default:
      return undefined;
  }
}

async function answerAboutOpenFiles(
  operation: number,
  fields: AfcFields,
  { root, open }: AfcContext,
): Promise<AfcAnswer | undefined> {
  switch (operation) {
    case OPERATION.open:
      return numberAnswer(OPERATION.openResult, open.open(pathIn(root, fields.text(8)), fields.number(0)));
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
    case OPERATION.truncate:
      await open.setSizeOf(pathIn(root, fields.text(8)), fields.number(0));
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

function readFolder(files: PhoneFileSystem, path: string, { folder, only }: AfcRoot): AfcAnswer {
  if (nodeAt(files, path).kind !== 'folder') throw new AfcRefusal(STATUS.invalidArgument);
  const names = path === folder && only !== undefined ? [only] : files.list(path);
  return textsAnswer(['.', '..', ...names]);
}

function remove(
  files: PhoneFileSystem,
  path: string,
  { root, withContents }: { readonly root: AfcRoot; readonly withContents: boolean },
): AfcAnswer {
  nodeAt(files, path);
  if (path === root.folder) throw new AfcRefusal(STATUS.notPermitted);
  removePath(files, path, withContents);
  return OK;
}

function rename(files: PhoneFileSystem, fields: AfcFields, root: AfcRoot): AfcAnswer {
  const [from, to] = fields.twoTexts(0);
  const source = pathIn(root, from);
  const target = pathIn(root, to);
  nodeAt(files, source);
  const parent = files.stat(target.slice(0, target.lastIndexOf('/')));
  if (parent?.kind !== 'folder' || `${target}/`.startsWith(`${source}/`))
    throw new AfcRefusal(STATUS.invalidArgument);
  files.rename(source, target);
  return OK;
}

/** Our disk has symbolic links only. Unknown: whether phones make hard ones. */
function link(files: PhoneFileSystem, fields: AfcFields, root: AfcRoot): AfcAnswer {
  if (fields.number(0) !== SYMBOLIC_LINK) throw new AfcRefusal(STATUS.notSupported);
  const [target, name] = fields.twoTexts(8);
  requireInside(root, { name, target });
  makeLink(files, pathIn(root, name), target);
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

  /** One after the other, with a NUL between them. */
  twoTexts(offset: number): readonly [string, string] {
    const first = this.text(offset);
    return [first, this.text(offset + Buffer.byteLength(first) + 1)];
  }

  rest(offset: number): Uint8Array {
    return this.#data.subarray(offset);
  }
}
