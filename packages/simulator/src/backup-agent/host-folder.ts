import { asDict, asString, type PlistValue } from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';
import { backupAgentError } from '../errors.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import { type DeviceLink, type HostStatus, percent, receiveStatus, signedInteger } from './device-link.ts';
import { type DownloadedPiece, readDownload, writeUpload } from './raw-files.ts';

/** Something the host could not do. */
export class HostFailure extends Error {
  /** −15 is a full disk, −6 not found; see the specification, section 7.4. */
  readonly code: number;

  constructor(code: number) {
    super(`The computer answered with status ${code}`);
    this.name = 'HostFailure';
    this.code = code;
  }
}

/** Status codes. Source: device-protocols specification, section 7.4. */
export const HOST_STATUS = { done: 0, notFound: -6, multiple: -13, diskFull: -15 } as const;

export interface Upload {
  /** Where it is on the phone: for the host's log only. */
  readonly devicePath: string;
  /** Where to store it, relative to the backup root. */
  readonly hostPath: string;
  readonly content: FileContent;
}

export interface HostEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
}

/**
 * The computer's backup root, as the phone works in it: every call is one DeviceLink message, the raw
 * bytes that belong to it, and one status. Nothing overlaps.
 *
 * Every call throws `HostFailure` for a status that is not 0, and what `DeviceLink.receive` throws.
 */
export class HostFolder {
  readonly #link: DeviceLink;
  readonly #random: Random;
  /** Overall progress after the next step, 0…100. */
  progress = 0;

  constructor(link: DeviceLink, random: Random) {
    this.#link = link;
    this.#random = random;
  }

  /**
   * Fetches files from the host; `take` gets the pieces of each as they arrive.
   *
   * @returns the paths that did not arrive whole, with the host's code for each. What `take` has kept
   *   of them is worthless.
   */
  async download(
    paths: readonly string[],
    take: (path: string, pieces: AsyncIterable<DownloadedPiece>) => Promise<void>,
  ): Promise<ReadonlyMap<string, number>> {
    await this.#link.send(['DLMessageDownloadFiles', paths, {}, percent(this.progress), 0]);
    const arrived = await readDownload(this.#link, paths, take);
    const status = await receiveStatus(this.#link);
    const failed = new Map<string, number>();
    const failures = asDict(status.payload) ?? {};
    for (const path of paths) {
      if (arrived.has(path)) continue;
      failed.set(path, signedInteger(asDict(failures[path])?.['DLFileErrorCode']) ?? codeOfFailure(status));
    }
    if (failed.size === 0 && status.code !== HOST_STATUS.done) throw new HostFailure(status.code);
    return failed;
  }

  /** Sends files in one message. @param totalBytes an estimate for the host's display, 0 for control files */
  async upload(files: readonly Upload[], totalBytes: number): Promise<void> {
    await this.#link.send(['DLMessageUploadFiles', {}, percent(this.progress), totalBytes]);
    await writeUpload(this.#link, files, this.#random);
    await this.#expectDone();
  }

  /** One level. A folder that does not exist lists nothing, whether the host calls that an error or not. */
  async list(path: string): Promise<readonly HostEntry[]> {
    await this.#link.send(['DLContentsOfDirectory', path]);
    const status = await receiveStatus(this.#link);
    if (status.code === HOST_STATUS.notFound) return [];
    if (status.code !== HOST_STATUS.done) throw new HostFailure(status.code);
    const payload = asDict(status.payload);
    if (payload === undefined) return [];
    return Object.entries(payload).map(([name, value]) => {
      const entry = asDict(value) ?? {};
      return {
        name,
        isFolder: asString(entry['DLFileType']) === 'DLFileTypeDirectory',
        sizeBytes: signedInteger(entry['DLFileSize']) ?? 0,
      };
    });
  }

  async freeBytes(): Promise<number> {
    const free = signedInteger(await this.#ask(['DLMessageGetFreeDiskSpace']));
    if (free === undefined) throw backupAgentError('message-not-understood', { reason: 'no free space' });
    return free;
  }

  /**
   * Asks the host to free space. Urgency 4 is the only one seen.
   * Source: libimobiledevice, issue 1071 (iOS 15.6).
   */
  async purge(bytes: number): Promise<void> {
    await this.#ask(['DLMessagePurgeDiskSpace', bytes, 4]);
  }

  async makeFolder(path: string): Promise<void> {
    await this.#ask(['DLMessageCreateDirectory', path, {}, percent(0)]);
  }

  /** Renames files, each replacing what is there; never folders, which hosts treat differently. */
  async move(moves: ReadonlyMap<string, string>): Promise<void> {
    await this.#ask(['DLMessageMoveItems', Object.fromEntries(moves), {}, percent(this.progress)]);
  }

  /** With everything below; what is missing is removed already. */
  async remove(paths: readonly string[]): Promise<void> {
    await this.#ask(['DLMessageRemoveItems', paths, {}, percent(this.progress)]);
  }

  async #ask(message: readonly PlistValue[]): Promise<PlistValue | undefined> {
    await this.#link.send(message);
    return this.#expectDone();
  }

  async #expectDone(): Promise<PlistValue | undefined> {
    const status = await receiveStatus(this.#link);
    if (status.code !== HOST_STATUS.done) throw new HostFailure(status.code);
    return status.payload;
  }
}

/** What the agent can do on the computer; a `HostFolder`, or something that stands around one. */
export type Host = Pick<HostFolder, keyof HostFolder>;

/** Hosts that stop at the first missing file say nothing of the ones they never sent. */
function codeOfFailure(status: HostStatus): number {
  return status.code === HOST_STATUS.done ? HOST_STATUS.notFound : status.code;
}
