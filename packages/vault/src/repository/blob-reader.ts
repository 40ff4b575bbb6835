import { freeBytes, type ReadOptions, Room } from '@rootcellar/core';
import type { BlobType } from '../chunks/blob.ts';
import { storageError, vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { BlobIndex, IndexedBlob } from './blob-index.ts';
import { BlobsAhead, type OpenedTogether } from './blobs-ahead.ts';
import { LruCache } from './lru-cache.ts';
import { openAll, openBlob } from './open-blob.ts';
import { OpenThreads } from './open-threads.ts';
import { plainBytes } from './pack-header.ts';
import { PackWindows } from './pack-windows.ts';
import { planReads, type ReadPlan } from './plan-reads.ts';
import type { RecordPlace } from './unpacked.ts';

/**
 * Opened blobs that are kept: pieces of files, so that reading small parts of one opens each once; few trees, since whoever
 * reads them keeps them decoded.
 */
const CACHE_BYTES: Readonly<Record<BlobType, number>> = { data: 16 * 1024 * 1024, tree: 4 * 1024 * 1024 };

/** Less is opened in the time that it takes to send it to a thread. */
const THREAD_BYTES_MIN = 64 * 1024;

/** Plain bytes that are fetched ahead while a file is read from its start to its end. */
const AHEAD_BYTES = 4 * 1024 * 1024;

/** Sealed bytes that are on their way at a time. */
const ON_THE_WAY_BYTES_MAX = 16 * 1024 * 1024;

/** What a call counts for at least: so that no more than 64 are made at a time, each with an open file or connection. */
const CALL_BYTES_MIN = 256 * 1024;

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
  readonly #cache = { data: newCache(CACHE_BYTES.data), tree: newCache(CACHE_BYTES.tree) };
  readonly #windows: PackWindows;
  readonly #ahead = new BlobsAhead();
  readonly #onTheWay = new Room(ON_THE_WAY_BYTES_MAX);
  #threads: OpenThreads | undefined;
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

  /** Opens blobs on other cores as long as this work goes on: for whoever reads much. */
  async onAllCores<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#threads !== undefined) return work();
    const threads = new OpenThreads(this.#place.key);
    this.#threads = threads;
    try {
      return await work();
    } finally {
      this.#threads = undefined;
      await threads.end();
    }
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
    const cached = this.#cache[type].get(id);
    if (cached !== undefined) return cached;
    for (;;) {
      const places = this.#index().getAll(id, type);
      if (places.length === 0) throw vaultError('blob-missing');
      const found = await this.#readFrom(places, options);
      if (found.plain === undefined && (await this.#learnsOfMoves(found.gone, options))) continue;
      if (found.plain === undefined) throw found.failure;
      this.#cache[type].set(id, found.plain);
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
        const isWorthThread = isOwn && blob.length >= THREAD_BYTES_MIN;
        const plain =
          isWorthThread && this.#threads !== undefined
            ? (await this.#threads.open({ bytes: sealed, blobs: [{ ...blob, offset: 0 }] })).opened[0]
            : openBlob(this.#place, blob, sealed);
        if (plain === undefined) throw vaultError('blob-damaged');
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
   * Fetches pieces of files that `readAll` will ask for soon, those near each other in one call. What fails here is left
   * to the reading.
   */
  foresee(ids: readonly string[], options?: CallOptions): void {
    const wanted = new Map<string, IndexedBlob>();
    const again: string[] = [];
    for (const id of ids) {
      if (wanted.has(id)) again.push(id);
      else if (this.#cache.data.get(id) === undefined && !this.#ahead.join(id)) {
        const blob = this.#index().get(id, 'data');
        if (blob !== undefined) wanted.set(id, blob);
      }
    }
    for (const plan of planReads([...wanted.values()])) {
      const coming = plan.blobs.map((blob) => ({ id: blob.id, bytes: plainBytes(blob) }));
      this.#ahead.add(coming, this.#fetchPlan(plan, options));
    }
    for (const id of again) this.#ahead.join(id);
  }

  /** How many of these pieces are fetched together: some MiB, but one at least. */
  countAhead(ids: readonly string[], from = 0): number {
    let bytes = 0;
    let count = 0;
    while (from + count < ids.length && bytes < AHEAD_BYTES) {
      bytes += this.sizeOf(ids[from + count] as string, 'data');
      count += 1;
    }
    return count;
  }

  /**
   * The pieces of a file in their order. Those that lie near each other are fetched in one call, some MiB ahead.
   *
   * @param options.lent see `ReadOptions`
   * @throws as `read`
   */
  async *readAll(
    ids: readonly string[],
    { lent = false, ...options }: CallOptions & ReadOptions = {},
  ): AsyncGenerator<Uint8Array, void> {
    const [first] = ids;
    // One piece alone is kept, and may have been.
    if (first === undefined || (ids.length === 1 && !this.#ahead.has(first))) {
      if (first !== undefined) yield this.read(first, 'data', options);
      return;
    }
    let foreseen = this.#ahead.has(first) ? this.countAhead(ids) : 0;
    let at = 0;
    try {
      for (let until = 0; at < ids.length; ) {
        if (at === until) until += this.countAhead(ids, at);
        while (foreseen <= until && foreseen < ids.length) {
          const next = foreseen + this.countAhead(ids, foreseen);
          this.foresee(ids.slice(foreseen, next), options);
          foreseen = next;
        }
        const id = ids[at++] as string;
        const taken = await this.#ahead.take(id);
        yield taken?.plain ?? (await this.read(id, 'data', options));
        if (lent) taken?.done();
      }
    } finally {
      for (const id of ids.slice(at, foreseen)) this.#ahead.forgo(id);
    }
  }

  async #fetchPlan(plan: ReadPlan, options?: CallOptions): Promise<OpenedTogether> {
    const { start, end } = plan;
    const amount = Math.max(CALL_BYTES_MIN, end - start);
    await this.#onTheWay.take(amount);
    try {
      return await this.#openPlan(plan, options);
    } finally {
      this.#onTheWay.giveBack(amount);
    }
  }

  async #openPlan({ packID, start, end, blobs }: ReadPlan, options?: CallOptions): Promise<OpenedTogether> {
    const bytes = await this.#place.storage.get(`data/${packID}`, { start, end }, options);
    const placed = blobs.map((blob) => ({ ...blob, offset: blob.offset - start }));
    const isWorthThread = bytes.length >= THREAD_BYTES_MIN;
    const { opened, free } =
      isWorthThread && this.#threads !== undefined
        ? await this.#threads.open({ bytes, blobs: placed })
        : openAll(this.#place, placed, bytes);
    freeBytes(bytes);
    const plain = new Map<string, Uint8Array>();
    for (const [at, { id }] of placed.entries()) {
      const found = opened[at];
      if (found !== undefined) plain.set(id, found);
    }
    return { plain, free };
  }

  #find(id: string, type: BlobType): IndexedBlob {
    const blob = this.#index().get(id, type);
    if (blob === undefined) throw vaultError('blob-missing');
    return blob;
  }
}

function newCache(bytes: number): LruCache<string, Uint8Array> {
  return new LruCache(bytes, ({ length }) => length);
}
