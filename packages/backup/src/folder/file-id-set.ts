import { FileIDMap } from './file-id-map.ts';

const NOTHING = new Uint8Array(0);

/** Many fileIDs, about 32 bytes each, in any order. */
export class FileIDSet {
  readonly #map = new FileIDMap(0);

  get size(): number {
    return this.#map.size;
  }

  /** @returns `false`, and nothing is done, if this is no fileID */
  add(fileID: string): boolean {
    return this.#map.set(fileID, NOTHING);
  }

  has(fileID: string): boolean {
    return this.#map.get(fileID) !== undefined;
  }
}
