import type { BlobType } from '../chunks/blob.ts';
import type { PackedBlob } from './pack-header.ts';

/** A blob and the pack it lies in. */
export interface IndexedBlob extends PackedBlob {
  readonly packID: string;
}

/** Numbers of entries that follow each other. */
export interface EntryRange {
  readonly start: number;
  /** The first that does not belong to them. */
  readonly end: number;
}

/** Words of an entry: 8 of the id, pack and type, offset, length, uncompressed length: 48 bytes. */
const ENTRY_WORDS = 12;
const PACK_WORD = 8;
const OFFSET_WORD = 9;
const LENGTH_WORD = 10;
const UNCOMPRESSED_WORD = 11;

/** In the pack word, so that 2^31 packs fit. */
const TREE_BIT = 0x8000_0000;

/** No blob has so many bytes: "not compressed". A compressed blob of no bytes keeps its 0. */
const NOT_COMPRESSED = 0xffff_ffff;

/** Entries are kept in segments, so that growing copies nothing and wastes little. */
const SEGMENT_ENTRIES = 1 << 14;

const SLOTS_AT_FIRST = 1 << 10;
const EMPTY = 0;

/**
 * Where each blob lies, for millions of blobs: 48 bytes each and 8 to 16 for finding it.
 *
 * An open-addressing table over typed arrays. A blob that lies in two packs has two entries; the first that was
 * added is found. Nothing can be taken out: who deletes packs makes a new index.
 */
export class BlobIndex {
  readonly #segments: Uint32Array[] = [];
  /** Number of an entry plus 1. */
  #slots = new Int32Array(SLOTS_AT_FIRST);
  #count = 0;
  readonly #packIDs: string[] = [];
  readonly #packNumbers = new Map<string, number>();
  /** Where the last known blob of each pack ends. */
  readonly #packEnds: number[] = [];

  /** Entries: a blob in two packs counts twice. */
  get size(): number {
    return this.#count;
  }

  get packIDs(): readonly string[] {
    return this.#packIDs;
  }

  /**
   * Adds the blobs of a pack. What is known already of the same place is passed over.
   *
   * @returns the numbers of the entries that were added
   */
  addPack(packID: string, blobs: Iterable<PackedBlob>): EntryRange {
    const pack = this.#packNumber(packID);
    const start = this.#count;
    for (const blob of blobs) this.#add(pack, blob);
    return { start, end: this.#count };
  }

  /** Where the last blob of a pack ends; 0 if there is no such pack. */
  packEnd(packID: string): number {
    return this.#packEnds[this.#packNumbers.get(packID) ?? -1] ?? 0;
  }

  has(id: string, type: BlobType): boolean {
    return this.numberOf(id, type) !== undefined;
  }

  get(id: string, type: BlobType): IndexedBlob | undefined {
    const number = this.numberOf(id, type);
    return number === undefined ? undefined : this.#entry(number);
  }

  /** Every place where the blob lies. */
  getAll(id: string, type: BlobType): readonly IndexedBlob[] {
    const places: IndexedBlob[] = [];
    this.#search(id, (number) => {
      if (this.#typeOf(number) === type) places.push(this.#entry(number));
      return false;
    });
    return places;
  }

  /** A number that stands for the blob, below `size`: to mark blobs in a bit map. */
  numberOf(id: string, type: BlobType): number | undefined {
    return this.#search(id, (number) => this.#typeOf(number) === type);
  }

  /** Entries, in the order in which they were added: the number of each is its position. Default: all of them. */
  *entries({ start, end }: EntryRange = { start: 0, end: this.#count }): Generator<IndexedBlob, void> {
    for (let number = start; number < end; number += 1) yield this.#entry(number);
  }

  /** The blobs of each pack. A pack that holds none is passed over. */
  *packs(): Generator<{ readonly id: string; readonly blobs: readonly IndexedBlob[] }, void> {
    const { numbers, ends } = this.#sortedByPack();
    let start = 0;
    for (const [pack, id] of this.#packIDs.entries()) {
      const end = ends[pack] ?? start;
      const ofPack = numbers.subarray(start, end);
      start = end;
      if (ofPack.length > 0) yield { id, blobs: Array.from(ofPack, (number) => this.#entry(number)) };
    }
  }

  /** Numbers of entries, pack by pack, and where each pack ends: a counting sort. */
  #sortedByPack(): { readonly numbers: Uint32Array; readonly ends: Uint32Array } {
    const next = new Uint32Array(this.#packIDs.length + 1);
    for (let number = 0; number < this.#count; number += 1) increase(next, this.#packOf(number) + 1);
    for (let pack = 1; pack < next.length; pack += 1) increase(next, pack, next[pack - 1]);
    const numbers = new Uint32Array(this.#count);
    for (let number = 0; number < this.#count; number += 1) {
      numbers[increase(next, this.#packOf(number)) - 1] = number;
    }
    return { numbers, ends: next };
  }

  #packOf(number: number): number {
    const [segment, at] = this.#placeOf(number);
    return ((segment[at + PACK_WORD] ?? 0) & ~TREE_BIT) >>> 0;
  }

  #add(pack: number, blob: PackedBlob): void {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow();
    const word = packWord(pack, blob.type);
    this.#packEnds[pack] = Math.max(this.#packEnds[pack] ?? 0, blob.offset + blob.length);
    const known = this.#search(blob.id, (other) => {
      const [segment, at] = this.#placeOf(other);
      return segment[at + PACK_WORD] === word && segment[at + OFFSET_WORD] === blob.offset;
    });
    if (known !== undefined) return;
    const number = this.#count;
    if (number % SEGMENT_ENTRIES === 0) this.#segments.push(new Uint32Array(SEGMENT_ENTRIES * ENTRY_WORDS));
    const [segment, at] = this.#placeOf(number);
    segment.set(wordsOf(blob.id), at);
    segment[at + PACK_WORD] = word;
    segment[at + OFFSET_WORD] = blob.offset;
    segment[at + LENGTH_WORD] = blob.length;
    segment[at + UNCOMPRESSED_WORD] = blob.uncompressedLength ?? NOT_COMPRESSED;
    this.#count += 1;
    this.#fillSlot(number);
  }

  /** @returns the first entry of that id which `isWanted` */
  #search(id: string, isWanted: (number: number) => boolean): number | undefined {
    const words = wordsOf(id);
    const first = words[0] ?? 0;
    let slot = first & (this.#slots.length - 1);
    for (let taken = this.#slots[slot] ?? EMPTY; taken !== EMPTY; taken = this.#slots[slot] ?? EMPTY) {
      const [segment, at] = this.#placeOf(taken - 1);
      if (segment[at] === first && isSameID(segment, at, words) && isWanted(taken - 1)) return taken - 1;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    return undefined;
  }

  #typeOf(number: number): BlobType {
    const [segment, at] = this.#placeOf(number);
    return typeOf(segment[at + PACK_WORD] ?? 0);
  }

  #entry(number: number): IndexedBlob {
    const [segment, at] = this.#placeOf(number);
    const pack = segment[at + PACK_WORD] ?? 0;
    const uncompressed = segment[at + UNCOMPRESSED_WORD];
    return {
      id: idAt(segment, at),
      type: typeOf(pack),
      packID: this.#packIDs[(pack & ~TREE_BIT) >>> 0] ?? '',
      offset: segment[at + OFFSET_WORD] ?? 0,
      length: segment[at + LENGTH_WORD] ?? 0,
      uncompressedLength: uncompressed === NOT_COMPRESSED ? undefined : uncompressed,
    };
  }

  #placeOf(number: number): readonly [segment: Uint32Array, at: number] {
    const segment = this.#segments[Math.floor(number / SEGMENT_ENTRIES)];
    if (segment === undefined) throw new RangeError('No such entry');
    return [segment, (number % SEGMENT_ENTRIES) * ENTRY_WORDS];
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#count; number += 1) this.#fillSlot(number);
  }

  /** The id is a digest already: any of its words is as good as a hash. */
  #fillSlot(number: number): void {
    const [segment, at] = this.#placeOf(number);
    let slot = (segment[at] ?? 0) & (this.#slots.length - 1);
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & (this.#slots.length - 1);
    this.#slots[slot] = number + 1;
  }

  #packNumber(packID: string): number {
    const known = this.#packNumbers.get(packID);
    if (known !== undefined) return known;
    this.#packNumbers.set(packID, this.#packIDs.length);
    return this.#packIDs.push(packID) - 1;
  }
}

function increase(counts: Uint32Array, at: number, by = 1): number {
  const sum = (counts[at] ?? 0) + by;
  counts[at] = sum;
  return sum;
}

function packWord(pack: number, type: BlobType): number {
  return (pack | (type === 'tree' ? TREE_BIT : 0)) >>> 0;
}

function typeOf(packWordValue: number): BlobType {
  return (packWordValue & TREE_BIT) === 0 ? 'data' : 'tree';
}

/** Room for one id, which is used again for the next: nobody may keep what `wordsOf` gives. */
const ID_WORDS = new Uint32Array(8);
const ID_BYTES = Buffer.from(ID_WORDS.buffer);

function wordsOf(id: string): Uint32Array {
  ID_BYTES.write(id, 'hex');
  return ID_WORDS;
}

function isSameID(segment: Uint32Array, at: number, words: Uint32Array): boolean {
  for (let i = 1; i < words.length; i += 1) if (segment[at + i] !== words[i]) return false;
  return true;
}

function idAt(segment: Uint32Array, at: number): string {
  return Buffer.from(segment.buffer, segment.byteOffset + at * 4, 32).toString('hex');
}
