import type { BlobType } from '../chunks/blob.ts';
import { decompress } from '../chunks/compress.ts';
import { openBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { BlobIndex, IndexedBlob } from './blob-index.ts';
import { idOf } from './ids.ts';
import { LruCache } from './lru-cache.ts';
import { plainBytes } from './pack-header.ts';
import { planReads, type ReadPlan } from './plan-reads.ts';
import type { RecordPlace } from './unpacked.ts';

/** Opened blobs that are kept, so that reading small parts of a file opens each piece once. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** A blob that would be larger is not read: pieces are 8 MiB at most, trees of a huge folder some tens of MiB. */
const BLOB_BYTES_MAX = 256 * 1024 * 1024;

/** Plain bytes that are fetched ahead while a file is read from its start to its end. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** Reads blobs. Whatever it gives has the content that was stored: the digest of every blob is checked. */
export class BlobReader {
  readonly #place: RecordPlace;
  readonly #index: () => BlobIndex;
  readonly #cache = new LruCache<string, Uint8Array>(CACHE_BYTES, (bytes) => bytes.length);

  constructor(place: RecordPlace, index: () => BlobIndex) {
    this.#place = place;
    this.#index = index;
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
    const places = this.#index().getAll(id, type);
    if (places.length === 0) throw vaultError('blob-missing');
    let failure: unknown;
    for (const blob of places) {
      try {
        const range = { start: blob.offset, end: blob.offset + blob.length };
        const plain = this.#open(blob, await this.#place.storage.get(`data/${blob.packID}`, range, options));
        this.#cache.set(id, plain);
        return plain;
      } catch (error) {
        if (options?.signal?.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
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
    return idOf(plain) === blob.id ? plain : undefined;
  } catch (error) {
    if (vaultError.matches(error)) return undefined;
    throw error;
  }
}
