import type { BlobType } from '../chunks/blob.ts';
import type { BlobIndex, IndexedBlob } from '../repository/blob-index.ts';

/** What can be wrong with a vault. */
export type VaultFindingCode =
  | 'snapshot-record-damaged'
  | 'index-file-damaged'
  | 'pack-missing'
  | 'pack-size-wrong'
  | 'pack-damaged'
  /** A file or folder of the snapshot cannot be read. */
  | 'snapshot-damaged'
  /** A check found damage in it before, and this one did not read enough to know better. */
  | 'snapshot-damaged-before'
  /** A verification found that it is not what was backed up, whatever the vault has: see `tagsNotWhole`. */
  | 'snapshot-not-whole'
  /** No index names it: a run that was stopped left it, it was given up as damaged, or an index file was lost. */
  | 'pack-unindexed';

export interface VaultFinding {
  readonly code: VaultFindingCode;
  /** Of the record, index file, pack or snapshot. */
  readonly id: string;
}

/** Where blobs lie, and which of these places hold them no longer. */
export class Places {
  readonly #index: BlobIndex;
  readonly #badPacks = new Set<string>();
  readonly #badBlobs = new Set<string>();

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  get index(): BlobIndex {
    return this.#index;
  }

  distrustPack(packID: string): void {
    this.#badPacks.add(packID);
  }

  distrust(blob: Pick<IndexedBlob, 'packID' | 'offset'>): void {
    this.#badBlobs.add(placeName(blob));
  }

  /** Is there a place where the blob is whole, as far as anybody looked? */
  isGood(id: string, type: BlobType): boolean {
    const blob = this.#index.get(id, type);
    if (blob === undefined) return false;
    if (this.#isGoodPlace(blob)) return true;
    return this.#index.getAll(id, type).some((other) => this.#isGoodPlace(other));
  }

  #isGoodPlace(blob: IndexedBlob): boolean {
    if (this.#badPacks.has(blob.packID)) return false;
    return this.#badBlobs.size === 0 || !this.#badBlobs.has(placeName(blob));
  }
}

function placeName({ packID, offset }: Pick<IndexedBlob, 'packID' | 'offset'>): string {
  return `${packID}/${offset}`;
}
