/**
 * The phone's disk: files, folders and symbolic links with the metadata that iOS keeps and that a
 * backup must bring back. Paths are absolute device paths (`/var/mobile/Library/SMS/sms.db`).
 */
export interface PhoneFileSystem {
  /** `undefined` if there is nothing. Links are not followed. */
  stat(path: string): PhoneNode | undefined;
  /** One level, names only, sorted by code unit. Empty for what is not a folder. */
  list(folder: string): readonly string[];
  /** Everything at or below `root`, parents before children, siblings sorted: always the same order. */
  walk(root: string): Iterable<PhoneNode>;

  /** Makes or replaces a file; missing parents are made. Sets size and change time. */
  writeFile(path: string, content: Uint8Array | FileContent, attributes?: NodeAttributes): PhoneNode;
  makeFolder(path: string, attributes?: NodeAttributes): PhoneNode;
  makeLink(path: string, target: string, attributes?: NodeAttributes): PhoneNode;
  /** Replaces what stood at `to`. Keeps the inode. @throws `phone-files.not-found` */
  rename(from: string, to: string): void;
  /** With everything below. What does not exist is removed already. */
  remove(path: string): void;
  setAttributes(path: string, attributes: NodeAttributes): void;

  /** Bytes of all files; capacity minus this is what the phone has free. */
  usedBytes(): number;
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
  /** Of a link only: where it points, an absolute device path. */
  readonly target?: string;
}

/** What a backup record (MBFile) carries besides the content. Times are whole Unix seconds. */
export interface NodeAttributes {
  /** Permission bits without the type: 0o644. */
  readonly permissions?: number;
  readonly userID?: number;
  readonly groupID?: number;
  readonly modifiedAt?: number;
  /** Last status change: set by every write, rename and attribute change unless given. */
  readonly changedAt?: number;
  readonly bornAt?: number;
  /** 1…4; 0 for none. */
  readonly protectionClass?: number;
  /** BSD flags; 128 is UF_DATAVAULT. */
  readonly flags?: number;
  readonly extendedAttributes?: ReadonlyMap<string, Uint8Array>;
}

/** Bytes that may be in memory, on disk or made on the fly; reading twice gives the same. */
export interface FileContent {
  readonly sizeBytes: number;
  /** From `start` on, in pieces of at most 1 MiB. */
  read(start?: number): AsyncIterable<Uint8Array>;
}
