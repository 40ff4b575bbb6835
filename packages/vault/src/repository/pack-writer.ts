import { randomInt } from 'node:crypto';
import { Room } from '@rootcellar/core';
import type { BlobType } from '../chunks/blob.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { BlobIndex, EntryRange } from './blob-index.ts';
import { INDEX_BLOBS_MAX, type IndexedPack, type PackToIndex, saveIndexFile } from './index-file.ts';
import { PackBlocks } from './pack-blocks.ts';
import { PackBuilder, type SealedBlob } from './pack-builder.ts';
import type { RecordPlace } from './unpacked.ts';

/** As stock restic. A pack is somewhat larger, by its last blob and the list at its end. */
const PACK_BYTES = 16 * 1024 * 1024;

/**
 * A blob goes into one of these at random. In one pack after the other, the sizes of the pieces of a known file
 * would stand in their order, and could give away by what secret polynomial files are cut.
 */
const OPEN_PACKS: Readonly<Record<BlobType, number>> = { data: 2, tree: 1 };

/** Packs on their way to the storage, each in memory. */
const UPLOADS_MAX = 1;

export interface PackWriterOptions extends CallOptions {
  readonly place: RecordPlace;
  /** Learns where each blob lies once its pack is durable. */
  readonly index: BlobIndex;
  readonly packBytes?: number;
  /** Called for each pack that is durable. */
  readonly onPack?: (pack: IndexedPack & { readonly sizeBytes: number }) => void;
}

/** Puts sealed blobs into packs, and says where they are: packs first, then the index. */
export class PackWriter {
  readonly #options: PackWriterOptions;
  readonly #packBytes: number;
  readonly #memory = new PackBlocks();
  readonly #open: Readonly<Record<BlobType, PackBuilder[]>>;
  readonly #uploads = new Set<Promise<void>>();
  readonly #onItsWay = new Room(UPLOADS_MAX);
  /** Of a full pack that waits to be let on its way, and of an index file that is due then. Until it is, no other fills. */
  #start: Promise<void> | undefined;
  /** Durable, but in no index file yet: `index` has what there is to say of them. */
  #unindexed: { readonly id: string; readonly entries: EntryRange }[] = [];
  #unindexedBlobs = 0;
  readonly #indexFileIDs: string[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(options: PackWriterOptions) {
    this.#options = options;
    this.#packBytes = options.packBytes ?? PACK_BYTES;
    this.#open = { data: this.#newPacks(OPEN_PACKS.data), tree: this.#newPacks(OPEN_PACKS.tree) };
  }

  /** Index files written so far. */
  get indexFileIDs(): readonly string[] {
    return this.#indexFileIDs;
  }

  /** Returns when the blob is in a pack in memory; waits first as long as a full pack cannot be sent. */
  async add(blob: SealedBlob): Promise<void> {
    while (this.#start !== undefined) await this.#start;
    const packs = this.#open[blob.type];
    const chosen = randomInt(packs.length);
    const pack = packs[chosen] as PackBuilder;
    pack.add(blob);
    if (pack.contentBytes < this.#packBytes) return;
    packs[chosen] = new PackBuilder(this.#memory);
    this.#start = this.#startUpload(pack).finally(() => {
      this.#start = undefined;
    });
    await this.#start;
  }

  /** Returns when every blob is durable, and an index says where. */
  async flush(): Promise<void> {
    for (const packs of Object.values(this.#open)) {
      for (const [at, pack] of packs.entries()) {
        if (pack.blobs.length === 0) continue;
        packs[at] = new PackBuilder(this.#memory);
        await this.#startUpload(pack);
      }
    }
    await Promise.all(this.#uploads);
    this.#throwFailure();
    await this.#saveIndex(1);
  }

  async #startUpload(pack: PackBuilder): Promise<void> {
    await this.#onItsWay.take();
    if (this.#failure !== undefined) this.#onItsWay.giveBack();
    this.#throwFailure();
    const upload = this.#upload(pack)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#uploads.delete(upload);
        this.#onItsWay.giveBack();
      });
    this.#uploads.add(upload);
    await this.#saveIndex(INDEX_BLOBS_MAX);
  }

  async #upload(builder: PackBuilder): Promise<void> {
    const { place, index, onPack, signal } = this.#options;
    const { id, parts, sizeBytes, blobs } = builder.finish(place.key);
    await place.storage.put(`data/${id}`, parts, { signal });
    builder.release();
    const entries = index.addPack(id, blobs);
    this.#unindexed.push({ id, entries });
    this.#unindexedBlobs += entries.end - entries.start;
    onPack?.({ id, blobs, sizeBytes });
  }

  /** A pack that was not stored may not be forgotten, whenever that was. */
  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Writes index files as long as so many blobs are in none. */
  async #saveIndex(blobsMin: number): Promise<void> {
    const { place, index, signal } = this.#options;
    while (this.#unindexedBlobs >= blobsMin) {
      const packs: PackToIndex[] = [];
      let blobs = 0;
      for (const { id, entries } of this.#unindexed) {
        const more = entries.end - entries.start;
        if (blobs > 0 && blobs + more > INDEX_BLOBS_MAX) break;
        blobs += more;
        packs.push({ id, blobs: index.entries(entries) });
      }
      this.#unindexed = this.#unindexed.slice(packs.length);
      this.#unindexedBlobs -= blobs;
      this.#indexFileIDs.push(await saveIndexFile(place, packs, { signal }));
    }
  }

  #newPacks(count: number): PackBuilder[] {
    return Array.from({ length: count }, () => new PackBuilder(this.#memory));
  }
}
