import type { PhoneFileSystem } from '../../file-system/phone-file-system.ts';
import { AfcRefusal, nodeAt, OPEN_FILE_BYTES_MAX, readPart, writeFile } from './afc-files.ts';
import type { AfcLocks } from './afc-locks.ts';
import { STATUS } from './afc-packet.ts';

/** Our limit; clients have one file open, ifuse a few dozen. */
const OPEN_FILES_MAX = 1000;

/** Source: libimobiledevice, `include/libimobiledevice/afc.h`, `afc_file_mode_t`. */
const MODES = {
  1: { reads: true, writes: false, truncates: false, appends: false },
  2: { reads: true, writes: true, truncates: false, appends: false },
  3: { reads: false, writes: true, truncates: true, appends: false },
  4: { reads: true, writes: true, truncates: true, appends: false },
  5: { reads: false, writes: true, truncates: false, appends: true },
  6: { reads: true, writes: true, truncates: false, appends: true },
} as const;

const READ_AND_WRITE = 2;

type Mode = (typeof MODES)[keyof typeof MODES];

interface OpenFile {
  readonly path: string;
  readonly mode: Mode;
  position: number;
  /** What will stand in the file once it is closed; `undefined` until the first change. */
  changed: Buffer | undefined;
  /** Bytes of `changed` that count; the rest is room to grow. */
  changedBytes: number;
}

/** The open files of one AFC connection. Changes reach the disk when a file is closed. */
export class AfcOpenFiles {
  readonly #files: () => PhoneFileSystem;
  readonly #locks: AfcLocks;
  readonly #open = new Map<bigint, OpenFile>();
  #lastHandle = 0n;

  constructor(files: () => PhoneFileSystem, locks: AfcLocks) {
    this.#files = files;
    this.#locks = locks;
  }

  open(path: string, modeNumber: number): bigint {
    const mode = MODES[modeNumber as keyof typeof MODES] as Mode | undefined;
    if (!mode) throw new AfcRefusal(STATUS.invalidArgument);
    if (this.#open.size >= OPEN_FILES_MAX) throw new AfcRefusal(STATUS.tooMuchData);
    const there = this.#files().stat(path);
    if (there?.kind === 'folder') throw new AfcRefusal(STATUS.isFolder);
    if (there?.kind === 'link') throw new AfcRefusal(STATUS.notPermitted);
    if (!there && !mode.writes) throw new AfcRefusal(STATUS.notFound);
    if (!there || mode.truncates) writeFile(this.#files(), path, new Uint8Array());
    this.#lastHandle += 1n;
    this.#open.set(this.#lastHandle, { path, mode, position: 0, changed: undefined, changedBytes: 0 });
    return this.#lastHandle;
  }

  async read(handle: bigint, bytes: number): Promise<Uint8Array> {
    const file = this.#get(handle);
    if (!file.mode.reads) throw new AfcRefusal(STATUS.notPermitted);
    const part = await this.#readAt(file, file.position, bytes);
    file.position += part.length;
    return part;
  }

  async write(handle: bigint, data: Uint8Array): Promise<void> {
    const file = this.#get(handle);
    if (!file.mode.writes) throw new AfcRefusal(STATUS.notPermitted);
    const position = file.mode.appends ? this.#sizeOf(file) : file.position;
    const changed = await this.#grow(file, Math.max(this.#sizeOf(file), position + data.length));
    changed.set(data, position);
    file.position = position + data.length;
  }

  async setSize(handle: bigint, sizeBytes: number): Promise<void> {
    const file = this.#get(handle);
    if (!file.mode.writes) throw new AfcRefusal(STATUS.notPermitted);
    const before = this.#sizeOf(file);
    const changed = await this.#grow(file, Math.max(before, sizeBytes));
    if (sizeBytes < before) changed.fill(0, sizeBytes, before);
    file.changedBytes = sizeBytes;
  }

  /** As `setSize`, for a file that is not open: it has to be there. */
  async setSizeOf(path: string, sizeBytes: number): Promise<void> {
    if (nodeAt(this.#files(), path).kind === 'folder') throw new AfcRefusal(STATUS.isFolder);
    const handle = this.open(path, READ_AND_WRITE);
    try {
      await this.setSize(handle, sizeBytes);
    } finally {
      this.close(handle);
    }
  }

  /** @param from 0 the start, 1 the position, 2 the end of the file */
  seek(handle: bigint, from: number, offset: number): void {
    const file = this.#get(handle);
    const base = [0, file.position, this.#sizeOf(file)][from];
    if (base === undefined || base + offset < 0 || !Number.isSafeInteger(base + offset)) {
      throw new AfcRefusal(STATUS.invalidArgument);
    }
    file.position = base + offset;
  }

  tell(handle: bigint): number {
    return this.#get(handle).position;
  }

  lock(handle: bigint, operation: number): void {
    const file = this.#get(handle);
    const outcome = this.#locks.change(file.path, file, operation);
    if (outcome === 'held-by-another') throw new AfcRefusal(STATUS.wouldBlock);
    if (outcome === undefined) throw new AfcRefusal(STATUS.invalidArgument);
  }

  close(handle: bigint): void {
    const file = this.#get(handle);
    this.#open.delete(handle);
    this.#locks.release(file.path, file);
    if (file.changed) writeFile(this.#files(), file.path, file.changed.subarray(0, file.changedBytes));
  }

  /** What a client left open when it went away. */
  closeAll(): void {
    for (const handle of [...this.#open.keys()]) {
      try {
        this.close(handle);
      } catch (error) {
        // Its folder was removed, or the disk is full: there is nobody left to tell.
        if (!(error instanceof AfcRefusal)) throw error;
      }
    }
  }

  #get(handle: bigint): OpenFile {
    const file = this.#open.get(handle);
    if (!file) throw new AfcRefusal(STATUS.invalidArgument);
    return file;
  }

  #sizeOf(file: OpenFile): number {
    return file.changed ? file.changedBytes : (this.#files().stat(file.path)?.sizeBytes ?? 0);
  }

  async #readAt(file: OpenFile, start: number, bytes: number): Promise<Uint8Array> {
    if (file.changed)
      return Uint8Array.from(file.changed.subarray(start, Math.min(start + bytes, file.changedBytes)));
    const { content } = nodeAt(this.#files(), file.path);
    return content ? readPart(content, start, bytes) : new Uint8Array();
  }

  /** Makes room for `sizeBytes` bytes; doubles, so that many small writes stay cheap. */
  async #grow(file: OpenFile, sizeBytes: number): Promise<Buffer> {
    if (sizeBytes > OPEN_FILE_BYTES_MAX) throw new AfcRefusal(STATUS.tooMuchData);
    const content = file.changed
      ? file.changed.subarray(0, file.changedBytes)
      : await this.#readAt(file, 0, Math.min(this.#sizeOf(file), OPEN_FILE_BYTES_MAX));
    if (!file.changed || file.changed.length < sizeBytes) {
      file.changed = Buffer.alloc(Math.min(OPEN_FILE_BYTES_MAX, Math.max(sizeBytes, 2 * content.length)));
      file.changed.set(content);
    }
    file.changedBytes = sizeBytes;
    return file.changed;
  }
}
