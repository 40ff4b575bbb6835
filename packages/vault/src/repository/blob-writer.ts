import { Room } from '@rootcellar/core';
import type { BlobType } from '../chunks/blob.ts';
import type { PrepareOptions } from '../chunks/blob-pool.ts';
import type { CallOptions } from '../storage/storage.ts';
import type { BlobIndex } from './blob-index.ts';
import { idOf } from './ids.ts';
import type { SealedBlob } from './pack-builder.ts';
import { PackWriter, type PackWriterOptions } from './pack-writer.ts';
import type { RecordPlace } from './unpacked.ts';

/** Compresses and seals a blob; its bytes belong to whoever prepares it. A `BlobPool` does it on all cores. */
export type PrepareBlob = (
  plain: Uint8Array,
  type: BlobType,
  options?: PrepareOptions,
) => Promise<SealedBlob>;

/** Plain bytes that are being compressed and sealed. Most pieces have a MiB or less; those of more than half of this are sealed one by one. */
const IN_WORK_BYTES_MAX = 8 * 1024 * 1024;

/** Of each blob, besides its bytes, so that there are no more than a thousand: promises, messages and names of small ones. */
const IN_WORK_BYTES_EACH = 16 * 1024;

export interface BlobWriterOptions extends CallOptions {
  readonly place: RecordPlace;
  readonly index: BlobIndex;
  readonly prepare: PrepareBlob;
  readonly packBytes?: number;
}

/** What was added to the vault. Sizes as in restic's summary of a snapshot. */
export interface Added {
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  /** Plain bytes of new blobs. */
  readonly bytes: number;
  /** What they take up where they are stored. */
  readonly packedBytes: number;
}

/** Stores blobs that are not in the vault yet. */
export class BlobWriter {
  readonly #index: BlobIndex;
  readonly #prepare: PrepareBlob;
  readonly #packs: PackWriter;
  readonly #jobs = new Set<Promise<void>>();
  /** Blobs on their way: not in the index, but not to be stored again either. */
  readonly #pending = new Set<string>();
  readonly #inWork = new Room(IN_WORK_BYTES_MAX);
  #failure: { readonly error: unknown } | undefined;
  #added = { dataBlobs: 0, treeBlobs: 0, bytes: 0, packedBytes: 0 };

  constructor({ place, index, prepare, packBytes, signal }: BlobWriterOptions) {
    this.#index = index;
    this.#prepare = prepare;
    const onPack: PackWriterOptions['onPack'] = ({ blobs }) => {
      for (const { id, type } of blobs) this.#pending.delete(`${type}/${id}`);
    };
    this.#packs = new PackWriter({ place, index, signal, onPack, ...(packBytes && { packBytes }) });
  }

  get added(): Added {
    return this.#added;
  }

  /** Index files written so far. */
  get indexFileIDs(): readonly string[] {
    return this.#packs.indexFileIDs;
  }

  /**
   * Stores a blob unless the vault has it, and returns its id at once: it is durable after `flush` only.
   *
   * @param plain belongs to the writer from now on
   * @throws what went wrong with this blob or with any before
   */
  async save(plain: Uint8Array, type: BlobType): Promise<string> {
    this.#throwFailure();
    const id = idOf(plain);
    const name = `${type}/${id}`;
    if (this.#pending.has(name) || this.#index.has(id, type)) return id;
    this.#pending.add(name);
    const inWorkBytes = plain.length + IN_WORK_BYTES_EACH;
    await this.#inWork.take(inWorkBytes);
    this.#start(plain, { type, id, inWorkBytes });
    this.#throwFailure();
    return id;
  }

  /** Returns when all that was saved is durable and can be found. */
  async flush(): Promise<void> {
    await Promise.all(this.#jobs);
    this.#throwFailure();
    await this.#packs.flush();
    this.#pending.clear();
  }

  #start(
    plain: Uint8Array,
    { type, id, inWorkBytes }: { readonly type: BlobType; readonly id: string; readonly inWorkBytes: number },
  ): void {
    const job = this.#work(plain, type, id)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#jobs.delete(job);
        this.#inWork.giveBack(inWorkBytes);
      });
    this.#jobs.add(job);
  }

  async #work(plain: Uint8Array, type: BlobType, id: string): Promise<void> {
    const bytes = plain.length;
    const blob = await this.#prepare(plain, type, { id });
    this.#added = {
      dataBlobs: this.#added.dataBlobs + (type === 'data' ? 1 : 0),
      treeBlobs: this.#added.treeBlobs + (type === 'tree' ? 1 : 0),
      bytes: this.#added.bytes + bytes,
      packedBytes: this.#added.packedBytes + blob.sealed.length,
    };
    await this.#packs.add(blob);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
