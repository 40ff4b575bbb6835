/**
 * The phone's disk: files, folders and symbolic links with the metadata that iOS keeps and that a
 * backup must bring back. Paths are absolute device paths (`/var/mobile/Library/SMS/sms.db`).
 *
 * Unlike on APFS, the times of a folder do not move when its entries do: what a test changes is then
 * the only thing that changed.
 *
 * Every method that takes a path throws `phone-files.path-unsafe` for a hostile one.
 */
export interface PhoneFileSystem {
  /** `undefined` if there is nothing. Links are not followed. */
  stat(path: string): PhoneNode | undefined;
  /** One level, names only, sorted by code unit. Empty for what is not a folder. */
  list(folder: string): readonly string[];
  /**
   * Everything at or below `root`, parents before children, siblings sorted: always the same order.
   * @param enter leaves a node out, with everything below it, where it says false
   */
  walk(root: string, enter?: (node: PhoneNode) => boolean): Iterable<PhoneNode>;

  /**
   * Makes or replaces a file; missing parents are made. Sets size, modification and change time.
   * A file that is replaced keeps its inode and every attribute that is not given.
   * @throws `phone-files.full`, `phone-files.is-a-folder`, `phone-files.not-a-folder`
   */
  writeFile(path: string, content: Uint8Array | FileContent, attributes?: NewNodeAttributes): PhoneNode;
  /** Makes a folder and its missing parents, or changes the attributes of the one that is there. */
  makeFolder(path: string, attributes?: NewNodeAttributes): PhoneNode;
  /** Makes a link, or replaces a file or link. */
  makeLink(path: string, target: string, attributes?: NewNodeAttributes): PhoneNode;
  /** Keeps bytes that arrive in pieces, for a later `writeFile`: on disk if there is a state folder. */
  receiveContent(pieces: AsyncIterable<Uint8Array>): Promise<FileContent>;
  /**
   * Replaces what stood at `to`. Keeps the inode.
   * @throws `phone-files.not-found`, `phone-files.into-itself`
   */
  rename(from: string, to: string): void;
  /** With everything below. What does not exist is removed already; `/` is emptied. */
  remove(path: string): void;
  setAttributes(path: string, attributes: NodeAttributes): void;

  /** Bytes of all files; capacity minus this is what the phone has free. */
  usedBytes(): number;
  /** Takes room by what is no file here, as other things of the owner would; until the simulator ends. */
  reserve(bytes: number): void;
  readonly reservedBytes: number;
  readonly capacityBytes: number;
  /** Writes what changed since the last call to the state folder, if there is one; atomic. */
  save(): Promise<void>;
}

export interface PhoneNode {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly attributes: Required<NodeAttributes>;
  readonly inode: number;
  /** Of a file; 0 otherwise. */
  readonly sizeBytes: number;
  /** Of a file only. */
  readonly content?: FileContent;
  /** Of a link only: where it points, as it was written; an absolute device path except in what clients make. */
  readonly target?: string;
}

/** Attributes of something new, which may wish for an inode: a restore gives back what was. */
export interface NewNodeAttributes extends NodeAttributes {
  /** Taken if no other node has it; otherwise the next free one is. */
  readonly inode?: number | undefined;
}

/** What a backup record (MBFile) carries besides the content. Times are whole Unix seconds. */
export interface NodeAttributes {
  /** Permission bits without the type: 0o644. */
  readonly permissions?: number;
  readonly userID?: number;
  readonly groupID?: number;
  readonly modifiedAt?: number;
  /**
   * Last status change: set by every write, rename and attribute change unless given. Whole seconds
   * would hide two changes within one, so each change moves it on by at least one second.
   */
  readonly changedAt?: number;
  readonly bornAt?: number;
  /** 1…4; 0 for none. */
  readonly protectionClass?: number;
  /** BSD flags; 128 is UF_DATAVAULT. */
  readonly flags?: number;
  readonly extendedAttributes?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Bytes that may be in memory, on disk or made on the fly; reading twice gives the same. A file that
 * is written gets a new content object, so whoever holds the old one still reads the old bytes.
 */
export interface FileContent {
  readonly sizeBytes: number;
  /** From `start` on, in pieces of at most 1 MiB. */
  read(start?: number): AsyncIterable<Uint8Array>;
  /** Of content made on the fly: enough to make it again, so that a saved phone need not keep the bytes. */
  readonly recipe?: Recipe;
}

/** A kind of content and its measures; survives as JSON. */
export type Recipe = Readonly<Record<string, string | number>>;
