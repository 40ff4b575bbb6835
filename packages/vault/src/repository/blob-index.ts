import type { BlobType } from './ids.ts';
import type { PackedBlob } from './pack-header.ts';

/** A blob and the pack it lies in. */
export interface IndexedBlob extends PackedBlob {
  readonly packID: string;
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

  /** Entries: a blob in two packs counts twice. */
  get size(): number {
    return this.#count;
  }

  get packIDs(): readonly string[] {
    return this.#packIDs;
  }

  /** Adds the blobs of a pack. What is known already of the same place is passed over. */
  addPack(packID: string, blobs: Iterable<PackedBlob>): void {
    const pack = this.#packNumber(packID);
    for (const blob of blobs) this.#add(pack, blob);
  }

  has(id: string, type: BlobType): boolean {
    return this.#find(wordsOf(id), type) !== undefined;
  }

  get(id: string, type: BlobType): IndexedBlob | undefined {
    const number = this.#find(wordsOf(id), type);
    return number === undefined ? undefined : this.#entry(number);
  }

  /** Every place where the blob lies. */
  getAll(id: string, type: BlobType): readonly IndexedBlob[] {
    const words = wordsOf(id);
    return [...this.#matching(words, type)].map((number) => this.#entry(number));
  }

  /** A number that stands for the blob, below `size`: to mark blobs in a bit map. */
  numberOf(id: string, type: BlobType): number | undefined {
    return this.#find(wordsOf(id), type);
  }

  /** All entries, in the order in which they were added: the number of each is its position. */
  *entries(): Generator<IndexedBlob, void> {
    for (let number = 0; number < this.#count; number += 1) yield this.#entry(number);
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
    const words = wordsOf(blob.id);
    let slot = this.#slotOf(words);
    for (let taken = this.#slots[slot]; taken !== EMPTY; taken = this.#slots[slot]) {
      if (this.#isSamePlace((taken ?? 0) - 1, words, pack, blob)) return;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    const number = this.#count;
    if (number % SEGMENT_ENTRIES === 0) this.#segments.push(new Uint32Array(SEGMENT_ENTRIES * ENTRY_WORDS));
    const [segment, at] = this.#placeOf(number);
    segment.set(words, at);
    segment[at + PACK_WORD] = packWord(pack, blob.type);
    segment[at + OFFSET_WORD] = blob.offset;
    segment[at + LENGTH_WORD] = blob.length;
    segment[at + UNCOMPRESSED_WORD] = blob.uncompressedLength ?? NOT_COMPRESSED;
    this.#slots[slot] = number + 1;
    this.#count += 1;
  }

  #find(words: Uint32Array, type: BlobType): number | undefined {
    for (const number of this.#matching(words, type)) return number;
    return undefined;
  }

  *#matching(words: Uint32Array, type: BlobType): Generator<number, void> {
    let slot = this.#slotOf(words);
    for (let taken = this.#slots[slot] ?? EMPTY; taken !== EMPTY; taken = this.#slots[slot] ?? EMPTY) {
      if (this.#isBlob(taken - 1, words, type)) yield taken - 1;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
  }

  #isBlob(number: number, words: Uint32Array, type: BlobType): boolean {
    const [segment, at] = this.#placeOf(number);
    for (let i = 0; i < words.length; i += 1) if (segment[at + i] !== words[i]) return false;
    return typeOf(segment[at + PACK_WORD] ?? 0) === type;
  }

  #isSamePlace(number: number, words: Uint32Array, pack: number, blob: PackedBlob): boolean {
    const [segment, at] = this.#placeOf(number);
    return (
      segment[at + OFFSET_WORD] === blob.offset &&
      segment[at + PACK_WORD] === packWord(pack, blob.type) &&
      this.#isBlob(number, words, blob.type)
    );
  }

  #entry(number: number): IndexedBlob {
    const [segment, at] = this.#placeOf(number);
    const pack = segment[at + PACK_WORD] ?? 0;
    const uncompressed = segment[at + UNCOMPRESSED_WORD];
    return {
      id: idOfWords(segment.subarray(at, at + PACK_WORD)),
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

  /** The id is a digest already: any of its words is as good as a hash. */
  #slotOf(words: Uint32Array): number {
    return (words[0] ?? 0) & (this.#slots.length - 1);
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#count; number += 1) {
      const [segment, at] = this.#placeOf(number);
      let slot = (segment[at] ?? 0) & (this.#slots.length - 1);
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = number + 1;
    }
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

function wordsOf(id: string): Uint32Array {
  const words = new Uint32Array(8);
  for (let i = 0; i < 8; i += 1) words[i] = Number.parseInt(id.slice(i * 8, i * 8 + 8), 16);
  return words;
}

function idOfWords(words: Uint32Array): string {
  let id = '';
  for (const word of words) id += word.toString(16).padStart(8, '0');
  return id;
}
