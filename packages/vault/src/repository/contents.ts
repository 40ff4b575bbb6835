import type { CallOptions } from '../storage/storage.ts';
import { BlobIndex } from './blob-index.ts';
import { BlobReader } from './blob-reader.ts';
import { loadIndexFile } from './index-file.ts';
import { loadIndex } from './load-index.ts';
import type { Repository } from './repository.ts';

/**
 * What is in a repository: where each blob lies, and a way to read it. One for a whole session: it is the large
 * thing in memory, some 64 bytes for each blob.
 */
export class Contents {
  readonly repository: Repository;
  readonly reader: BlobReader;
  #index = new BlobIndex();
  #fileIDs = new Set<string>();
  #isSound = true;

  private constructor(repository: Repository) {
    this.repository = repository;
    this.reader = new BlobReader(
      repository,
      () => this.#index,
      (options) => this.refresh(options),
    );
  }

  /** @throws `vault.index-damaged`: repair the index then */
  static async open(repository: Repository, options?: CallOptions): Promise<Contents> {
    const contents = new Contents(repository);
    await contents.#reload(options);
    return contents;
  }

  get index(): BlobIndex {
    return this.#index;
  }

  /**
   * Learns what others have changed. Whoever writes does this first, under a lock: what was there without one
   * may be gone.
   */
  async refresh(options?: CallOptions): Promise<void> {
    const now = new Set<string>();
    for await (const { id } of this.repository.storage.list('index', options)) now.add(id);
    if (!this.#isSound || ![...this.#fileIDs].every((id) => now.has(id))) return this.#reload(options);
    for (const id of [...now].filter((other) => !this.#fileIDs.has(other))) {
      for (const pack of await loadIndexFile(this.repository, id, options))
        this.#index.addPack(pack.id, pack.blobs);
      this.#fileIDs.add(id);
    }
  }

  /** The index holds what these files say, because we wrote them. */
  addIndexFiles(ids: readonly string[]): void {
    for (const id of ids) this.#fileIDs.add(id);
  }

  /** The index may hold packs that no index file names: after a write that failed. */
  distrust(): void {
    this.#isSound = false;
  }

  async #reload(options?: CallOptions): Promise<void> {
    const { index, fileIDs } = await loadIndex(this.repository, options);
    this.#index = index;
    this.#fileIDs = new Set(fileIDs);
    this.#isSound = true;
  }
}
