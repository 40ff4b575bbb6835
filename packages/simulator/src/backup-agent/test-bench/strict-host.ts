import {
  asArray,
  asDict,
  asInteger,
  asString,
  encodeBinaryPlist,
  encodeXmlPlist,
  type PlistArray,
  type PlistDict,
  PlistReal,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import type { ByteChannel } from '@rootcellar/core';

/** Where and how a host dies. `half` moves only the first half of what it was asked to move. */
export interface Cut {
  readonly atMessage: number;
  readonly when: 'before' | 'half' | 'after';
}

export interface HostRun {
  /** The final answer; `undefined` if there was none. */
  readonly answer: PlistDict | undefined;
  /** Names of all messages the phone sent, in order. */
  readonly messages: readonly string[];
  /** Host paths of the payloads that were uploaded. */
  readonly uploaded: readonly string[];
  readonly downloaded: readonly string[];
  readonly progress: readonly number[];
}

/**
 * A computer for tests: a folder in memory that does what it is told and no more. It makes no
 * parents, moves files only, answers each message once and complains about everything odd.
 */
export class StrictHost {
  readonly files = new Map<string, Uint8Array>();
  readonly folders = new Set<string>(['']);
  freeBytes = 1e12;
  /** Bytes the host can free when asked. */
  purgeableBytes = 0;
  /** Status for uploads and folders whose paths contain this. */
  failing: { readonly path: string; readonly code: number } | undefined;
  /** The order of moves means nothing to some hosts: this one then takes the last first. */
  movesBackwards = false;
  /** Replies as XML and with unsigned codes, as some clients do. */
  speaksXml = false;

  async run(channel: ByteChannel, request: PlistDict, cut?: Cut): Promise<HostRun> {
    const conversation = new Conversation(this, channel, cut);
    await conversation.greet();
    await conversation.send(['DLMessageProcessMessage', request]);
    return conversation.serve();
  }

  /** Everything directly in `folder`. */
  list(folder: string): PlistDict {
    const entries: Record<string, PlistValue> = {};
    for (const [path, bytes] of this.files) {
      if (parentOf(path) === folder) entries[nameOf(path)] = entry('DLFileTypeRegular', bytes.length);
    }
    for (const path of this.folders) {
      if (path !== '' && parentOf(path) === folder) entries[nameOf(path)] = entry('DLFileTypeDirectory', 0);
    }
    return entries;
  }

  makeFolder(path: string): void {
    const names = path.split('/');
    names.forEach((_, index) => {
      this.folders.add(names.slice(0, index + 1).join('/'));
    });
  }

  remove(path: string): void {
    for (const file of [...this.files.keys()]) if (isBelow(file, path)) this.files.delete(file);
    for (const folder of [...this.folders]) if (isBelow(folder, path)) this.folders.delete(folder);
  }

  move(from: string, to: string): void {
    const bytes = this.files.get(from);
    if (bytes === undefined) throw new Error(`Moves a file that is not there: ${from}`);
    if (!this.folders.has(parentOf(to))) throw new Error(`Moves into a folder that is not there: ${to}`);
    this.files.delete(from);
    this.files.set(to, bytes);
  }
}

class HostDied extends Error {}

/** One session from the host's side. */
class Conversation {
  readonly #host: StrictHost;
  readonly #channel: ByteChannel;
  readonly #cut: Cut | undefined;
  readonly #messages: string[] = [];
  readonly #uploaded: string[] = [];
  readonly #downloaded: string[] = [];
  readonly #progress: number[] = [];

  constructor(host: StrictHost, channel: ByteChannel, cut: Cut | undefined) {
    this.#host = host;
    this.#channel = channel;
    this.#cut = cut;
  }

  async greet(): Promise<void> {
    const [name, major, minor] = await this.#receive();
    if (name !== 'DLMessageVersionExchange' || minor !== 0) throw new Error('The phone did not greet');
    await this.send(['DLMessageVersionExchange', 'DLVersionsOk', major ?? 0]);
    const [ready] = await this.#receive();
    if (ready !== 'DLMessageDeviceReady') throw new Error('The phone is not ready');
    const versions = [new PlistReal(2), new PlistReal(2.1)];
    await this.send([
      'DLMessageProcessMessage',
      { MessageName: 'Hello', SupportedProtocolVersions: versions },
    ]);
    const hello = asDict((await this.#receive())[1]);
    if (hello?.['ErrorCode'] !== 0 || !(hello['ProtocolVersion'] instanceof PlistReal))
      throw new Error('No Hello');
  }

  async send(message: PlistArray): Promise<void> {
    const body = this.#host.speaksXml ? encodeXmlPlist(message) : encodeBinaryPlist(message);
    await this.#channel.write(Buffer.concat([u32(body.length), body]));
  }

  async serve(): Promise<HostRun> {
    let answer: PlistDict | undefined;
    try {
      while (answer === undefined) answer = await this.#serveOne();
      await this.send(['DLMessageDisconnect', '___EmptyParameterString___']);
      this.#channel.end();
    } catch (error) {
      this.#channel.destroy();
      if (!(error instanceof HostDied)) throw error;
    }
    return {
      answer,
      messages: this.#messages,
      uploaded: this.#uploaded,
      downloaded: this.#downloaded,
      progress: this.#progress,
    };
  }

  async #serveOne(): Promise<PlistDict | undefined> {
    const message = await this.#receive();
    const name = asString(message[0]) ?? '';
    const dies = this.#cut?.atMessage === this.#messages.length ? this.#cut.when : undefined;
    this.#messages.push(name);
    if (name === 'DLMessageProcessMessage') {
      if (message.length !== 2) throw new Error('A process message has two elements');
      return asDict(message[1]);
    }
    if (dies === 'before') throw new HostDied();
    const status = await this.#perform(name, message, dies === 'half');
    if (dies !== undefined) throw new HostDied();
    await this.send(['DLMessageStatusResponse', status.code, '___EmptyParameterString___', status.payload]);
    return undefined;
  }

  async #perform(
    name: string,
    message: PlistArray,
    half: boolean,
  ): Promise<{ code: number | bigint; payload: PlistValue }> {
    const host = this.#host;
    switch (name) {
      case 'DLMessageDownloadFiles':
        this.#noteProgress(message[3]);
        return this.#sendFiles(strings(message[1]));
      case 'DLMessageUploadFiles':
        if (message.length < 4) throw new Error('libimobiledevice skips shorter uploads');
        this.#noteProgress(message[2]);
        if (asInteger(message[3]) === undefined) throw new Error('The total is no integer');
        return { code: await this.#receiveFiles(), payload: {} };
      case 'DLContentsOfDirectory':
        return { code: 0, payload: host.list(asString(message[1]) ?? '') };
      case 'DLMessageCreateDirectory':
        if (host.failing !== undefined && asString(message[1])?.includes(host.failing.path)) {
          return { code: host.failing.code, payload: {} };
        }
        host.makeFolder(asString(message[1]) ?? '');
        return { code: 0, payload: {} };
      case 'DLMessageMoveItems': {
        this.#noteProgress(message[3]);
        const moves = Object.entries(asDict(message[1]) ?? {});
        if (host.movesBackwards) moves.reverse();
        const done = half ? moves.slice(0, moves.length / 2) : moves;
        for (const [from, to] of done) host.move(from, asString(to) ?? '');
        return { code: 0, payload: {} };
      }
      case 'DLMessageRemoveItems':
        this.#noteProgress(message[3]);
        for (const path of strings(message[1])) host.remove(path);
        return { code: 0, payload: {} };
      case 'DLMessageGetFreeDiskSpace':
        return { code: 0, payload: host.freeBytes };
      case 'DLMessagePurgeDiskSpace':
        if (host.purgeableBytes === 0) return { code: -1, payload: {} };
        host.freeBytes += host.purgeableBytes;
        return { code: 0, payload: host.purgeableBytes };
      default:
        throw new Error(`Not a message of this agent: ${name}`);
    }
  }

  async #sendFiles(paths: readonly string[]): Promise<{ code: number | bigint; payload: PlistValue }> {
    const failed: Record<string, PlistValue> = {};
    for (const path of paths) {
      this.#downloaded.push(path);
      const bytes = this.#host.files.get(path);
      await this.#channel.write(Buffer.concat([u32(Buffer.byteLength(path)), Buffer.from(path)]));
      if (bytes === undefined) {
        failed[path] = { DLFileErrorString: 'No such file or directory', DLFileErrorCode: -6 };
        await this.#channel.write(block(0x06, Buffer.from('No such file or directory')));
        continue;
      }
      for (let at = 0; at < bytes.length; at += 32768) {
        await this.#channel.write(block(0x0c, bytes.subarray(at, at + 32768)));
      }
      await this.#channel.write(block(0x00, new Uint8Array()));
    }
    await this.#channel.write(u32(0));
    const unsigned = this.#host.speaksXml ? 2n ** 64n - 13n : -13;
    return Object.keys(failed).length === 0 ? { code: 0, payload: {} } : { code: unsigned, payload: failed };
  }

  async #receiveFiles(): Promise<number> {
    let code = 0;
    for (let length = await this.#u32(); length !== 0; length = await this.#u32()) {
      await this.#channel.readExactly(length);
      const path = (await this.#channel.readExactly(await this.#u32()).then(Buffer.from)).toString();
      if (!this.#host.folders.has(parentOf(path)))
        throw new Error(`Uploads into a folder that is not there: ${path}`);
      const pieces: Uint8Array[] = [];
      for (;;) {
        const size = await this.#u32();
        const [kind = 0] = await this.#channel.readExactly(1);
        const data = await this.#channel.readExactly(size - 1);
        if (kind === 0x00) break;
        if (kind !== 0x0c) throw new Error('A block of unknown kind');
        pieces.push(new Uint8Array(data));
      }
      const failing = this.#host.failing;
      if (failing !== undefined && path.includes(failing.path)) code = failing.code;
      else this.#host.files.set(path, Buffer.concat(pieces));
      this.#uploaded.push(path);
    }
    return code;
  }

  #noteProgress(value: PlistValue | undefined): void {
    if (!(value instanceof PlistReal)) throw new Error('Progress is no real');
    this.#progress.push(value.value);
  }

  async #receive(): Promise<PlistArray> {
    const head = await this.#channel.read(4);
    if (head.length < 4) throw new HostDied('The phone hung up');
    const body = await this.#channel.readExactly(new DataView(head.buffer, head.byteOffset, 4).getUint32(0));
    const message = asArray(parsePropertyList(body));
    if (message === undefined) throw new Error('Not an array');
    return message;
  }

  async #u32(): Promise<number> {
    const bytes = await this.#channel.readExactly(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  }
}

function entry(type: string, sizeBytes: number): PlistDict {
  return { DLFileType: type, DLFileSize: sizeBytes, DLFileModificationDate: new Date(0) };
}

function strings(value: PlistValue | undefined): readonly string[] {
  return (asArray(value) ?? []).map((one) => asString(one) ?? '');
}

function block(kind: number, data: Uint8Array): Uint8Array {
  return Buffer.concat([u32(data.length + 1), Uint8Array.of(kind), data]);
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
