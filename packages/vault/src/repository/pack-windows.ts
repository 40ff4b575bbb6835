import type { CallOptions, Storage } from '../storage/storage.ts';
import type { IndexedBlob } from './blob-index.ts';

/** What is fetched ahead doubles with each blob that follows the one before, up to this. */
const AHEAD_BYTES_MAX = 2 * 1024 * 1024;

/** Blobs that follow each other lie no farther apart: of another file, or not wanted. */
const GAP_BYTES_MAX = 128 * 1024;

/** As many packs as are written at a time, and their neighbours. */
const WINDOWS_MAX = 4;

/** The part of a pack that was fetched last. */
interface Window {
  readonly start: number;
  readonly end: number;
  /** Absent if it was one blob, of which nobody else needs anything. */
  readonly bytes: Promise<Uint8Array> | undefined;
}

/** Sealed bytes of one blob. */
export interface FetchedBlob {
  readonly sealed: Uint8Array;
  /** Nobody else needs their memory. */
  readonly isOwn: boolean;
}

/**
 * Fetches blobs from packs. Who reads one blob after the other, as they were stored, asks the storage seldom; who
 * reads here and there gets what was asked for and no more.
 */
export class PackWindows {
  readonly #storage: Storage;
  /** By pack; that which was used last comes last. */
  readonly #windows = new Map<string, Window>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** @param packEnd where the last blob of the pack ends @throws what the storage throws */
  async fetch(blob: IndexedBlob, packEnd: number, options?: CallOptions): Promise<FetchedBlob> {
    const { packID, offset: start, length } = blob;
    const known = this.#windows.get(packID);
    if (known?.bytes !== undefined && start >= known.start && start + length <= known.end) {
      // If it fails, that was the call of somebody else, who may have given up.
      const there = await known.bytes.catch(() => undefined);
      if (there !== undefined) return part(there, start - known.start, length);
    }
    const follows = known !== undefined && start >= known.end && start - known.end <= GAP_BYTES_MAX;
    const ahead = follows ? Math.min(AHEAD_BYTES_MAX, 2 * (known.end - known.start)) : 0;
    const end = Math.max(start + length, Math.min(start + ahead, packEnd));
    const bytes = this.#storage.get(`data/${packID}`, { start, end }, options);
    bytes.catch(() => this.forget(packID));
    const isOwn = end === start + length;
    this.#keep(packID, { start, end, bytes: isOwn ? undefined : bytes });
    return isOwn ? { sealed: await bytes, isOwn } : part(await bytes, 0, length);
  }

  /** What was fetched of a pack is not to be used again. */
  forget(packID: string): void {
    this.#windows.delete(packID);
  }

  #keep(packID: string, window: Window): void {
    this.#windows.delete(packID);
    this.#windows.set(packID, window);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= WINDOWS_MAX) return;
      this.#windows.delete(oldest);
    }
  }
}

function part(bytes: Uint8Array, start: number, length: number): FetchedBlob {
  return { sealed: bytes.subarray(start, start + length), isOwn: false };
}
