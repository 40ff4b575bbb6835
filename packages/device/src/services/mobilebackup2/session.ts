import { asDict, asInteger, asNumber, type PlistDict } from '@rootcellar/codecs';
import {
  type ByteChannel,
  type Clock,
  KnownError,
  orAborted,
  streamError,
  systemClock,
  treeError,
  type WritableTree,
} from '@rootcellar/core';
import { DeviceLink, type Status } from '../device-link/device-link.ts';
import type { DeviceLinkMessage } from '../device-link/device-link-message.ts';
import { deviceLinkError, mobilebackup2Error } from '../errors.ts';
import { sendFiles, type TransferOptions } from './file-download.ts';
import {
  copyItem,
  listFolder,
  makeFolder,
  moveItems,
  purgeAmount,
  removeItems,
  type ServedStatus,
  tellFreeSpace,
} from './file-requests.ts';
import { receiveFiles } from './file-upload.ts';
import { errorOfFinalAnswer, type FinalAnswer, parseFinalAnswer } from './final-answer.ts';
import { sayHello } from './hello.ts';
import { type ServedTree, servedTree } from './served-tree.ts';
import { watchForSilence } from './silence.ts';
import { STATUS_CODE, statusCodeOf, statusText } from './status-code.ts';

export const MOBILEBACKUP2_SERVICE = 'com.apple.mobilebackup2';

/** Our limit; at one a second, a phone that is still alive says nothing else for almost three hours. */
const IDLE_MESSAGES_MAX = 10_000;

/** Messages after which files follow: only in these is it the device's turn while we serve. */
const TRANSFERS: ReadonlySet<string> = new Set(['DLMessageDownloadFiles', 'DLMessageUploadFiles']);

/** What has gone over the wire since the request; told after each message and now and then inside one. */
export interface SessionProgress {
  /** 0…1, as the device says: it may stand still, jump, or go back. */
  readonly fraction?: number;
  /** Content received from the device, or sent to it. */
  readonly bytes: number;
  readonly files: number;
  /** The message in work: DLMessageUploadFiles … */
  readonly message: string;
}

export interface SessionOptions {
  /** A fresh connection to com.apple.mobilebackup2, opened with the escrow bag. It is used up. */
  readonly channel: ByteChannel;
  /** Holds one folder for each device, named by its UDID. */
  readonly tree: WritableTree;
  /** The request: MessageName, TargetIdentifier and what belongs to it. */
  readonly request: PlistDict;
  /** The folders of the tree that the device may see. */
  readonly identifiers: readonly string[];
  readonly onProgress?: (progress: SessionProgress) => void;
  /** Called once when nothing has come for ten minutes, though all may be well. */
  readonly onSilence?: () => void;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/** How a session that the device ended in success went. */
export interface SessionResult {
  readonly answer: FinalAnswer;
  readonly bytes: number;
  readonly files: number;
  /** Files that the phone could not read. */
  readonly unreadableFiles: number;
}

/**
 * Holds one conversation with the backup agent of a device: sends the request, then does what the
 * device asks until it ends.
 *
 * @throws `mobilebackup2.*` for what the device reports; `mobilebackup2.name-refused` if it named a file
 *   outside `identifiers`; `device-link.ended` if the connection broke, with `details.fraction`;
 *   the reason of `signal` if it aborts; what the tree failed with, if that is why the device gave up
 *
 * Source: device-protocols §7.9.
 */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  let session: Session | undefined;
  try {
    session = new Session(options);
    return await session.run();
  } finally {
    if (session) await session.close();
    else options.channel.destroy();
  }
}

class Session {
  readonly #link: DeviceLink;
  readonly #tree: ServedTree;
  readonly #options: SessionOptions;
  readonly #stopWatching: () => void;
  #bytes = 0;
  #files = 0;
  #unreadableFiles = 0;
  #fraction: number | undefined;
  #neededBytes: number | undefined;
  #isOurTurn = false;
  /** The first thing that our side failed with: often the real reason for the device's complaint. */
  #failure: unknown;

  constructor(options: SessionOptions) {
    const { channel, signal, clock = systemClock, onSilence } = options;
    this.#options = options;
    this.#link = new DeviceLink(channel, clock);
    this.#tree = servedTree(options.tree, options.identifiers);
    this.#stopWatching = watchForSilence(channel, {
      clock,
      signal,
      onSilence,
      activity: () => channel.receivedBytes + this.#bytes,
      isOurTurn: () => this.#isOurTurn,
    });
  }

  async run(): Promise<SessionResult> {
    try {
      await this.#link.open(this.#options.signal);
      await sayHello(this.#link, this.#options.signal);
      await this.#link.sendProcess(this.#options.request);
      const answer = await this.#serveUntilAnswered();
      if (this.#tree.refusal) throw this.#tree.refusal;
      if (answer.errorCode !== 0) throw this.#reasonOf(answer);
      if (isOfTheDisk(this.#failure)) throw this.#failure;
      const { bytes, files, unreadableFiles } = this.#counts();
      return { answer, bytes, files, unreadableFiles };
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (this.#tree.refusal) throw this.#nameRefused(this.#tree.refusal);
      if (streamError.matches(error, 'timed-out')) throw deviceLinkError('not-ready', {}, error);
      throw streamError.matches(error) ? this.#ended(error) : error;
    }
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await this.#link.close();
  }

  async #serveUntilAnswered(): Promise<FinalAnswer> {
    for (let idle = 0; idle < IDLE_MESSAGES_MAX; idle += 1) {
      this.#options.signal?.throwIfAborted();
      const message = await orAborted(this.#link.receive(), this.#options.signal);
      if (message === undefined || message.name === 'DLMessageDisconnect') throw this.#ended();
      if (message.name === 'DLMessageProcessMessage') {
        const answer = parseFinalAnswer(asDict(message.element(1)));
        if (answer) return answer;
      } else if (message.name !== 'DLMessagePing') {
        idle = 0;
        const status = await this.#serve(message);
        this.#options.signal?.throwIfAborted();
        await this.#link.sendStatus(status);
        this.#tell(message.name);
      }
    }
    throw deviceLinkError('message-invalid', { reason: 'nothing but pings' });
  }

  async #serve(message: DeviceLinkMessage): Promise<Status> {
    this.#isOurTurn = !TRANSFERS.has(message.name);
    try {
      return await this.#dispatch(message);
    } catch (error) {
      if (!(error instanceof KnownError) || isOfTheWire(error) || this.#link.channel.closed) throw error;
      this.#failure ??= error;
      const code = statusCodeOf(error);
      return { code, text: statusText(code) };
    } finally {
      this.#isOurTurn = false;
    }
  }

  async #dispatch(message: DeviceLinkMessage): Promise<Status> {
    const tree = this.#tree;
    switch (message.name) {
      case 'DLMessageDownloadFiles':
        this.#noteFraction(message, 3);
        return this.#send(message);
      case 'DLMessageUploadFiles':
        this.#noteFraction(message, 2);
        return this.#receive(message);
      case 'DLMessageGetFreeDiskSpace':
        return tellFreeSpace(tree);
      case 'DLMessagePurgeDiskSpace':
        this.#neededBytes = purgeAmount(message);
        return { code: STATUS_CODE.unsupported, text: statusText(STATUS_CODE.unsupported) };
      case 'DLContentsOfDirectory':
        return listFolder(tree, message);
      case 'DLMessageCreateDirectory':
        return makeFolder(tree, message);
      case 'DLMessageMoveFiles':
      case 'DLMessageMoveItems':
        this.#noteFraction(message, 3);
        return this.#noteFailure(await moveItems(tree, message));
      case 'DLMessageRemoveFiles':
      case 'DLMessageRemoveItems':
        this.#noteFraction(message, 3);
        return this.#noteFailure(await removeItems(tree, message));
      case 'DLMessageCopyItem':
        return copyItem(tree, message);
      default:
        return { code: STATUS_CODE.unsupported, text: statusText(STATUS_CODE.unsupported) };
    }
  }

  async #receive(message: DeviceLinkMessage): Promise<Status> {
    const outcome = await receiveFiles(this.#link.channel, this.#tree, this.#transfer(message.name));
    this.#files += outcome.files;
    this.#unreadableFiles += outcome.unreadable;
    this.#failure ??= outcome.failure;
    return outcome.status;
  }

  async #send(message: DeviceLinkMessage): Promise<Status> {
    const options = this.#transfer(message.name);
    const { status, files } = await sendFiles(this.#link.channel, this.#tree, message, options);
    this.#files += files;
    return this.#noteFailure(status);
  }

  #noteFailure(status: ServedStatus): Status {
    this.#failure ??= status.failure;
    return status;
  }

  /** Percent, 0…100 after this step; −1 and 0 tell nothing. Source: device-protocols §7.5. */
  #noteFraction(message: DeviceLinkMessage, index: number): void {
    const percent = asNumber(message.element(index)) ?? asInteger(message.element(index));
    if (typeof percent === 'number' && percent > 0) this.#fraction = Math.min(1, percent / 100);
  }

  #transfer(message: string): TransferOptions {
    const onBytes = (bytes: number): void => {
      this.#bytes += bytes;
      this.#tell(message);
    };
    return { onBytes, signal: this.#options.signal };
  }

  #tell(message: string): void {
    const { bytes, files } = this.#counts();
    const fraction = this.#fraction;
    this.#options.onProgress?.({ bytes, files, message, ...(fraction !== undefined && { fraction }) });
  }

  #counts(): Pick<SessionResult, 'bytes' | 'files' | 'unreadableFiles'> {
    return { bytes: this.#bytes, files: this.#files, unreadableFiles: this.#unreadableFiles };
  }

  /** What went wrong on our side explains more than what the device makes of it. */
  #reasonOf(answer: FinalAnswer): unknown {
    if (this.#failure !== undefined) return this.#failure;
    const error = errorOfFinalAnswer(answer);
    if (this.#neededBytes === undefined || error.code !== 'mobilebackup2.computer-full') return error;
    return mobilebackup2Error('computer-full', { ...error.details, neededBytes: this.#neededBytes });
  }

  #nameRefused(refusal: KnownError): KnownError {
    return mobilebackup2Error('name-refused', { reason: refusal.details['reason'] }, refusal);
  }

  #ended(cause?: unknown): unknown {
    return this.#failure ?? deviceLinkError('ended', { fraction: this.#fraction }, cause);
  }
}

/**
 * A phone may overlook that this computer could not read or write; its owner must not.
 */
function isOfTheDisk(failure: unknown): boolean {
  const names = ['disk-full', 'input-output', 'not-permitted', 'read-only'] as const;
  return names.some((name) => treeError.matches(failure, name));
}

/** Errors that leave us in the middle of a stream: nothing sensible can be answered. */
function isOfTheWire(error: KnownError): boolean {
  return /^(?:stream|device-link|plist|plist-stream)\./.test(error.code);
}
