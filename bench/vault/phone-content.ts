import { createCipheriv } from 'node:crypto';
import { seededRandom } from '@rootcellar/core';
import {
  createPhoneFiles,
  type FileContent,
  type FillPhone,
  type SimulatedPhone,
} from '@rootcellar/simulator';

const PHOTO_BYTES = 800_000;
const DATABASES = 12;

/** As SQLite makes them. */
const PAGE_BYTES = 4_096;
const CHANGED_PAGES = 0.01;

const FOLDER = '/var/mobile/Media/DCIM';
const FILES_PER_FOLDER = 1_000;
const PIECE_BYTES = 1024 * 1024;

/** Where pages take their text from: so much that hardly any two have the same. */
const TEXT_BYTES = 64 * 1024 * 1024;
const WORDS = 4_096;

/** Domain and path below it, as a backup names them. */
export type KindOfFile = 'photos' | 'databases' | 'small files';

/** How much is on the phone. */
interface BenchAmounts {
  readonly photos: number;
  readonly newPhotos: number;
  readonly smallFiles: number;
  readonly smallPages: number;
  readonly databaseBytes: number;
}

/** 4 GB in 30,000 files, 600 MB of them in databases. */
const USUAL: BenchAmounts = {
  photos: 4_000,
  newPhotos: 500,
  smallFiles: 26_000,
  smallPages: 2,
  databaseBytes: 50_000_000,
};

/** So many files that what describes them counts. */
const MANY: BenchAmounts = {
  photos: 100,
  newPhotos: 100,
  smallFiles: 300_000,
  smallPages: 1,
  databaseBytes: 1_000_000,
};

export interface BenchPhone {
  readonly fill: FillPhone;
  /** 1 % of the pages of all databases change, and there are new photos. */
  liveOn(phone: SimulatedPhone): void;
  /** @param path absolute, on the phone */
  kindOf(path: string): KindOfFile;
}

/** A phone of usual size, or a part of it. */
export function benchPhone(divisor: number): BenchPhone {
  const part = (amount: number): number => Math.ceil(amount / divisor);
  return phoneWith({
    ...USUAL,
    photos: part(USUAL.photos),
    newPhotos: part(USUAL.newPhotos),
    smallFiles: part(USUAL.smallFiles),
    databaseBytes: part(USUAL.databaseBytes),
  });
}

/** A phone of 300,000 files. */
export function phoneOfManyFiles(): BenchPhone {
  return phoneWith(MANY);
}

function phoneWith(amounts: BenchAmounts): BenchPhone {
  const text = databaseText();
  const small = new Uint8Array(amounts.smallPages);
  const databases = Array.from({ length: DATABASES }, (_, number) => ({
    number,
    versions: new Uint8Array(Math.ceil(amounts.databaseBytes / PAGE_BYTES)),
  }));
  return {
    fill: async ({ clock, capacityBytes }) => {
      const files = await createPhoneFiles({ clock, capacityBytes });
      for (let n = 0; n < amounts.photos; n += 1) files.writeFile(pathOf('IMG', n, 'JPG'), photo(n));
      for (let n = 0; n < amounts.smallFiles; n += 1)
        files.writeFile(pathOf('TXT', n, 'plist'), pages({ text, number: 1_000 + n, versions: small }));
      for (const { number, versions } of databases)
        files.writeFile(pathOf('DB', number, 'sqlite'), pages({ text, number, versions }));
      return { files, apps: [] };
    },
    liveOn({ files }) {
      const random = seededRandom('a day');
      for (const { number, versions } of databases) {
        for (let left = Math.ceil(versions.length * CHANGED_PAGES); left > 0; left -= 1)
          versions[1 + random.below(versions.length - 1)] = 1;
        const changed = Uint8Array.from(versions);
        files.writeFile(pathOf('DB', number, 'sqlite'), pages({ text, number, versions: changed }));
      }
      for (let n = 0; n < amounts.newPhotos; n += 1) files.writeFile(pathOf('NEW', n, 'JPG'), photo(1e6 + n));
    },
    kindOf: (path) =>
      path.endsWith('.JPG') ? 'photos' : path.endsWith('.sqlite') ? 'databases' : 'small files',
  };
}

function pathOf(kind: string, number: number, extension: string): string {
  const folder = 100 + Math.floor(number / FILES_PER_FOLDER);
  return `${FOLDER}/${folder}${kind.padEnd(5, '_')}/${kind}_${String(number).padStart(6, '0')}.${extension}`;
}

/** Noise of its own: no two photos have a piece in common, and none can be compressed. */
function photo(number: number): FileContent {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(number);
  return {
    sizeBytes: PHOTO_BYTES,
    async *read(start = 0) {
      const noise = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(PHOTO_BYTES));
      yield noise.subarray(start);
    },
  };
}

interface Pages {
  readonly text: Buffer;
  readonly number: number;
  /** Of each page; another version is another text. */
  readonly versions: Uint8Array;
}

/** A file of pages, the first of which says that it is a database. */
function pages({ text, number, versions }: Pages): FileContent {
  const sizeBytes = versions.length * PAGE_BYTES;
  return {
    sizeBytes,
    async *read(start = 0) {
      for (let at = start; at < sizeBytes; ) {
        const end = Math.min(sizeBytes, at + PIECE_BYTES);
        yield textOfPages(Math.floor(at / PAGE_BYTES), Math.ceil(end / PAGE_BYTES)).subarray(at % PAGE_BYTES);
        at = end;
      }
    },
  };

  function textOfPages(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafe((to - from) * PAGE_BYTES);
    for (let page = from; page < to; page += 1) {
      const at = placeOf(number, page, versions[page] ?? 0) % (TEXT_BYTES - PAGE_BYTES);
      text.copy(bytes, (page - from) * PAGE_BYTES, at, at + PAGE_BYTES);
      bytes.writeUInt32BE(page, (page - from) * PAGE_BYTES);
    }
    if (from === 0 && number < DATABASES) bytes.write('SQLite format 3\0', 'latin1');
    return bytes;
  }
}

/** A number that looks drawn, always the same for the same page. */
function placeOf(number: number, page: number, version: number): number {
  let mixed =
    Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(page + 1, 0x85ebca6b) ^ Math.imul(version + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Words, numbers and runs of zeros: compresses to about a third, as databases do. */
function databaseText(): Buffer {
  const random = seededRandom('text');
  const words = Array.from({ length: WORDS }, () => random.bytes(2 + random.below(8)));
  const text = Buffer.alloc(TEXT_BYTES);
  for (let at = 0; at < TEXT_BYTES; ) {
    const word = words[random.below(WORDS)] as Uint8Array;
    text.set(word.subarray(0, TEXT_BYTES - at), at);
    at += word.length + (random.below(10) === 0 ? 24 : 1);
  }
  return text;
}
