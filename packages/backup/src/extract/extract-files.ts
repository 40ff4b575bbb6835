import { AtOnce, foreseeing, KnownError, type ReadableTree, type TreePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import type { ExtractionWriter, Placed } from './extraction-writer.ts';
import { folderWriter, UNFINISHED } from './folder-writer.ts';
import { LocalNames } from './local-names.ts';
import { safeSegments } from './safe-segment.ts';

/** Everything but set-user-ID, set-group-ID and the sticky bit. */
const PERMISSION_BITS = 0o777;
/** What we write, we must be able to read. */
const OWNER_READS = 0o400;
const DEFAULT_MODE = 0o600;

/** Of a file that has neither a domain nor a path. */
const NO_NAME = '%';

/** Between two calls of the progress listener. */
const FILES_PER_PROGRESS = 100;

/** A phone has a hundred thousand; each is remembered. */
const FOLDERS_MAX = 2_000_000;

export interface ExtractOptions {
  /** For the same names each time: always in the same order. */
  readonly entries: Iterable<ManifestEntry> | AsyncIterable<ManifestEntry>;
  /** The content of a file, plain; pieces may be lent. A `KnownError` from here concerns this file alone. */
  readonly read: (entry: ManifestEntry) => AsyncIterable<Uint8Array>;
  /** Where `read` finds it, to be foreseen there. */
  readonly source?: {
    readonly tree: ReadableTree;
    readonly pathOf: (entry: ManifestEntry) => TreePath;
  };
  /** A folder on this computer, or what receives the files instead. */
  readonly to: string | ExtractionWriter;
  readonly onLeftOut?: (leftOut: LeftOut) => void;
  readonly onProgress?: (sofar: Extraction) => void;
  readonly signal?: AbortSignal;
}

/** Something that was not extracted. */
export interface LeftOut {
  readonly entry: ManifestEntry;
  /** `link`: links of a phone lead to places that are not here, so none is made; `entry.target` tells where. */
  readonly why: 'link' | 'unreadable';
  /** Why it could not be read. */
  readonly error?: KnownError;
}

export interface Extraction {
  /** Written now. */
  readonly files: number;
  /** Bytes of these. */
  readonly bytes: number;
  /** The same was there already. */
  readonly kept: number;
  /** That are new here. */
  readonly folders: number;
  /** Written or kept under another name than on the device. */
  readonly renamed: number;
  readonly links: number;
  readonly unreadable: number;
}

/**
 * Writes files of a backup into `<to>/<domain>/<path>`, with their dates and permissions.
 *
 * Names are made safe for every file system (see `safeSegments`); where two are the same for one of them, or
 * something else stands there, the later file is numbered. Nothing is overwritten, no link is followed or made, and
 * no file has its name before it is whole, so it can be run again after whatever happened.
 *
 * @throws `tree.disk-full`, `tree.not-permitted` … from the disk; `backup.too-many-folders`; what `entries` throws
 */
export async function extractFiles(options: ExtractOptions): Promise<Extraction> {
  const writer = typeof options.to === 'string' ? await folderWriter(options.to) : options.to;
  try {
    return await new Extracting(writer, options).run();
  } finally {
    await writer.finish();
  }
}

class Extracting {
  readonly #writer: ExtractionWriter;
  readonly #options: ExtractOptions;
  readonly #writing: AtOnce;
  readonly #names = new LocalNames();
  /** Where folders found their places, by where they should be. */
  readonly #folders = new Map<string, string>([['', '']]);
  #lastWas: Placed['was'] = 'written';
  readonly #sofar = { files: 0, bytes: 0, kept: 0, folders: 0, renamed: 0, links: 0, unreadable: 0 };

  constructor(writer: ExtractionWriter, options: ExtractOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#writing = new AtOnce(writer.filesAtOnce);
    this.#names.candidates('', UNFINISHED).next();
  }

  async run(): Promise<Extraction> {
    try {
      await this.#startAll();
    } finally {
      // Also to whoever stopped it: what was written stays.
      await this.#writing.end().finally(() => this.#options.onProgress?.({ ...this.#sofar }));
    }
    return { ...this.#sofar };
  }

  async #startAll(): Promise<void> {
    const { entries, onProgress, signal } = this.#options;
    let count = 0;
    for await (const entry of this.#foreseen(entries)) {
      signal?.throwIfAborted();
      await this.#extract(entry);
      if (++count % FILES_PER_PROGRESS === 0) onProgress?.({ ...this.#sofar });
    }
  }

  #foreseen(entries: ExtractOptions['entries']): ExtractOptions['entries'] {
    const { source } = this.#options;
    if (source === undefined) return entries;
    return foreseeing(source.tree, entries, (entry) => {
      // Where the last one was kept, an earlier extraction goes on: the next will not be read either.
      if (entry.kind !== 'file' || this.#lastWas === 'kept') return undefined;
      return { path: source.pathOf(entry), sizeBytes: entry.sizeBytes ?? 0 };
    });
  }

  async #extract(entry: ManifestEntry): Promise<void> {
    const names = safeSegments(entry.domain, entry.relativePath);
    if (entry.kind === 'folder') {
      await this.#folder(names);
    } else if (entry.kind === 'link') {
      this.#sofar.links++;
      this.#options.onLeftOut?.({ entry, why: 'link' });
    } else {
      const folder = await this.#folder(names.slice(0, -1));
      const candidates = this.#names.candidates(folder, names.at(-1) ?? NO_NAME);
      await this.#writing.start(() => this.#write(entry, candidates));
    }
  }

  async #write(entry: ManifestEntry, names: Iterable<string>): Promise<void> {
    const { sizeBytes, modifiedAt, mode = DEFAULT_MODE } = entry;
    const reading = new Reading(this.#options.read(entry), this.#options.signal);
    try {
      const placed = await this.#writer.file(names, {
        content: reading.pieces(),
        sizeBytes,
        modifiedAt,
        mode: (mode & PERMISSION_BITS) | OWNER_READS,
      });
      this.#count(placed, reading.bytes, `${entry.domain}/${entry.relativePath}`);
    } catch (error) {
      const isOfThisFile = error === reading.failure && !this.#options.signal?.aborted;
      if (!isOfThisFile || !(error instanceof KnownError)) throw error;
      this.#sofar.unreadable++;
      this.#options.onLeftOut?.({ entry, why: 'unreadable', error });
    }
  }

  #count({ path, was }: Placed, bytes: number, wanted: string): void {
    this.#lastWas = was;
    if (was === 'kept') this.#sofar.kept++;
    else {
      this.#sofar.files++;
      this.#sofar.bytes += bytes;
    }
    if (path !== wanted) this.#sofar.renamed++;
  }

  async #folder(names: readonly string[]): Promise<string> {
    const wanted = names.join('/');
    const known = this.#folders.get(wanted);
    if (known !== undefined) return known;
    if (this.#folders.size >= FOLDERS_MAX) throw backupError('too-many-folders', { foldersMax: FOLDERS_MAX });
    const parent = await this.#folder(names.slice(0, -1));
    const candidates = this.#names.candidates(parent, names.at(-1) as string);
    const { path, was } = await this.#writer.folder(candidates);
    if (was === 'written') this.#sofar.folders++;
    this.#folders.set(wanted, path);
    return path;
  }
}

/** The content of one file; remembers whether it was the reading that failed, and not the disk we write to. */
class Reading {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  failure: unknown;
  bytes = 0;

  constructor(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  async *pieces(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const piece of this.#source) {
        this.#signal?.throwIfAborted();
        this.bytes += piece.length;
        yield piece;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
