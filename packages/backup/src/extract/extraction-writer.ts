/** A file to be written, with what is known of it. */
export interface ExtractedFile {
  readonly content: AsyncIterable<Uint8Array>;
  /** As the device knew it; the content of a database can be longer or shorter. */
  readonly sizeBytes: number | undefined;
  readonly modifiedAt: Date | undefined;
  /** Permission bits only. */
  readonly mode: number;
}

/** Where something has found its place. */
export interface Placed {
  /** One of the names that were offered. */
  readonly path: string;
  /** `kept`: the same was there already. */
  readonly was: 'written' | 'kept';
}

/**
 * What receives extracted files. Names are relative, with `/` between levels, and safe on every file system. Each call
 * gets several, without end, and uses the first under which nothing else stands.
 */
export interface ExtractionWriter {
  /** How many calls of `file` it takes at a time. */
  readonly filesAtOnce: number;
  folder(names: Iterable<string>): Promise<Placed>;
  /** Nothing is ever overwritten, and nothing unfinished has one of the names. Throws what `content` throws. */
  file(names: Iterable<string>, file: ExtractedFile): Promise<Placed>;
  /** Called once at the end, also after a failure. */
  finish(): Promise<void>;
}
