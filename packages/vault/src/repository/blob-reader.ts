import { freeBytes } from '@rootcellar/core';
import type { BlobType } from '../chunks/blob.ts';
import { decompress } from '../chunks/compress.ts';
import { openBytes } from '../chunks/seal.ts';
import { storageError, vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { BlobIndex, IndexedBlob } from './blob-index.ts';
import { idOf } from './ids.ts';
import { LruCache } from './lru-cache.ts';
import { plainBytes } from './pack-header.ts';
import { PackWindows } from './pack-windows.ts';
import { planReads, type ReadPlan } from './plan-reads.ts';
import type { RecordPlace } from './unpacked.ts';

/** Opened blobs that are kept, so that reading small parts of a file opens each piece once. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** A blob that would be larger is not read: pieces are 8 MiB at most, trees of a huge folder some tens of MiB. */
const BLOB_BYTES_MAX = 256 * 1024 * 1024;

/** Plain bytes that are fetched ahead while a file is read from its start to its end. */
const AHEAD_BYTES = 8 * 1024 * 1024;

interface Found {
  readonly plain: Uint8Array | undefined;
  readonly failure: unknown;
  readonly gone: readonly string[];
}

/** Reads blobs. Whatever it gives has the content that was stored: the digest of every blob is checked. */
export class BlobReader {
  readonly #place: RecordPlace;
  readonly #index: () => BlobIndex;
  readonly #refresh: ((options?: CallOptions) => Promise<void>) | undefined;
  readonly #cache = new LruCache<string, Uint8Array>(CACHE_BYTES, (bytes) => bytes.length);
  readonly #windows: PackWindows;
  /** Packs that are gone, and were looked for in a new index. */
  readonly #gone = new Set<string>();

  /** @param refresh brings the index up to date: others may prune while we read, which moves blobs to other packs */
  constructor(
    place: RecordPlace,
    index: () => BlobIndex,
    refresh?: (options?: CallOptions) => Promise<void>,
  ) {
    this.#place = place;
    this.#windows = new PackWindows(place.storage);
    this.#index = index;
    this.#refresh = refresh;
  }

  /** Bytes of the plain content. @throws `vault.blob-missing` */
  sizeOf(id: string, type: BlobType): number {
    return plainBytes(this.#find(id, type));
  }

  /**
   * One blob. If it lies in several packs, each is tried.
   *
   * @throws `vault.blob-missing`, `vault.blob-damaged`, what the storage throws
   */
  async read(id: string, type: BlobType, options?: CallOptions): Promise<Uint8Array> {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    for (;;) {
      const places = this.#index().getAll(id, type);
      if (places.length === 0) throw vaultError('blob-missing');
      const found = await this.#readFrom(places, options);
      if (found.plain === undefined && (await this.#learnsOfMoves(found.gone, options))) continue;
      if (found.plain === undefined) throw found.failure;
      this.#cache.set(id, found.plain);
      return found.plain;
    }
  }

  /** @returns the first that is what was stored; else why the last is not, and which packs are gone */
  async #readFrom(places: readonly IndexedBlob[], options: CallOptions | undefined): Promise<Found> {
    const gone: string[] = [];
    let failure: unknown;
    for (const blob of places) {
      try {
        const packEnd = this.#index().packEnd(blob.packID);
        const { sealed, isOwn } = await this.#windows.fetch(blob, packEnd, options);
        const plain = this.#open(blob, sealed);
        if (isOwn) freeBytes(sealed);
        return { plain, failure, gone };
      } catch (error) {
        this.#windows.forget(blob.packID);
        if (options?.signal?.aborted) throw error;
        if (storageError.matches(error, 'not-found')) gone.push(blob.packID);
        failure = error;
      }
    }
    return { plain: undefined, failure, gone };
  }

  /** Is there a new index to look into? Once for each pack, so that a vault of lost packs is not asked for ever. */
  async #learnsOfMoves(gone: readonly string[], options: CallOptions | undefined): Promise<boolean> {
    const news = gone.filter((packID) => !this.#gone.has(packID));
    for (const packID of news) this.#gone.add(packID);
    if (news.length === 0 || this.#refresh === undefined) return false;
    await this.#refresh(options);
    return true;
  }

  /**
   * Many blobs in their order. Those that lie near each other are fetched in one call, some MiB ahead.
   *
   * @throws as `read`
   */
  async *readAll(
    ids: readonly string[],
    type: BlobType,
    options?: CallOptions,
  ): AsyncGenerator<Uint8Array, void> {
    for (let from = 0; from < ids.length; ) {
      const until = this.#endOfBatch(ids, from, type);
      const batch = ids.slice(from, until);
      const plain = await this.#fetch(batch, type, options);
      for (const id of batch) yield plain.get(id) ?? (await this.read(id, type, options));
      from = until;
    }
  }

  #endOfBatch(ids: readonly string[], from: number, type: BlobType): number {
    let bytes = 0;
    let until = from;
    while (until < ids.length && (bytes === 0 || bytes < AHEAD_BYTES)) {
      bytes += this.sizeOf(ids[until] as string, type);
      until += 1;
    }
    return until;
  }

  /** What cannot be fetched or opened here is left to `read`, which tries every place and says why it fails. */
  async #fetch(
    ids: readonly string[],
    type: BlobType,
    options?: CallOptions,
  ): Promise<Map<string, Uint8Array>> {
    const wanted = new Map<string, IndexedBlob>();
    const plain = new Map<string, Uint8Array>();
    for (const id of ids) {
      const cached = this.#cache.get(id);
      if (cached === undefined) wanted.set(id, this.#find(id, type));
      else plain.set(id, cached);
    }
    if (wanted.size < 2) return plain;
    await Promise.all(planReads([...wanted.values()]).map((plan) => this.#fetchPlan(plan, plain, options)));
    return plain;
  }

  async #fetchPlan(plan: ReadPlan, plain: Map<string, Uint8Array>, options?: CallOptions): Promise<void> {
    const { packID, start, end, blobs } = plan;
    const bytes = await this.#place.storage
      .get(`data/${packID}`, { start, end }, options)
      .catch(() => options?.signal?.throwIfAborted());
    if (!bytes) return;
    for (const blob of blobs) {
      const at = blob.offset - start;
      try {
        plain.set(blob.id, this.#open(blob, bytes.subarray(at, at + blob.length)));
      } catch (error) {
        if (!vaultError.matches(error, 'blob-damaged')) throw error;
      }
    }
    freeBytes(bytes);
  }

  #open(blob: IndexedBlob, sealed: Uint8Array): Uint8Array {
    const plain = openBlob(this.#place, blob, sealed);
    if (plain === undefined) throw vaultError('blob-damaged');
    return plain;
  }

  #find(id: string, type: BlobType): IndexedBlob {
    const blob = this.#index().get(id, type);
    if (blob === undefined) throw vaultError('blob-missing');
    return blob;
  }
}

/** @returns the plain content, or `undefined` if it is not what was stored */
export function openBlob(
  { key }: Pick<RecordPlace, 'key'>,
  blob: Pick<IndexedBlob, 'id' | 'length' | 'uncompressedLength'>,
  sealed: Uint8Array,
): Uint8Array | undefined {
  try {
    if (plainBytes(blob) > BLOB_BYTES_MAX) return undefined;
    const opened = openBytes(key, sealed);
    const plain =
      blob.uncompressedLength === undefined ? opened : decompress(opened, blob.uncompressedLength);
    if (plain !== opened) freeBytes(opened);
    return idOf(plain) === blob.id ? plain : undefined;
  } catch (error) {
    if (vaultError.matches(error)) return undefined;
    throw error;
  }
}
