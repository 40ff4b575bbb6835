import { FileIDTable } from './file-id-table.ts';

const NOTHING = new Uint8Array(0);

/** Many fileIDs, 20 bytes each. They come in their order. */
export class FileIDSet {
  readonly #table = new FileIDTable(0);

  get size(): number {
    return this.#table.size;
  }

  /** @returns `false`, and nothing is done, if this is no fileID, or a new one that does not come after all others */
  add(fileID: string): boolean {
    return this.#table.set(fileID, NOTHING);
  }

  has(fileID: string): boolean {
    return this.#table.find(fileID) !== undefined;
  }
}
