import {
  asDict,
  isKeyedObject,
  type KeyedValue,
  parseKeyedArchive,
  parsePropertyList,
} from '@rootcellar/codecs';

/**
 * The keyed archive in the `file` column, an `MBFile`. Third-party writers leave things out, so everything
 * may be missing.
 *
 * Source: a manifest of iOS 14 and 15 and one of iOS 16.
 */
export interface FileRecord {
  readonly relativePath: string | undefined;
  /** Of a symbolic link: a path on the device, not to be followed here. */
  readonly target: string | undefined;
  /** SHA-1 of the blob as it is stored, encrypted or not. Only in system domains. */
  readonly digest: Uint8Array | undefined;
  /** Protection class (4 bytes little-endian) and wrapped key. */
  readonly encryptionKey: Uint8Array | undefined;
  /** By name. */
  readonly extendedAttributes: ReadonlyMap<string, Uint8Array> | undefined;
  /** `st_mode` with the bits of the kind. */
  readonly mode: number | undefined;
  /** Different on each device; equal numbers are one file with several names. */
  readonly inode: number | bigint | undefined;
  readonly userID: number | undefined;
  readonly groupID: number | undefined;
  /** Content changed; the device keeps whole seconds. */
  readonly modifiedAt: Date | undefined;
  /** Attributes changed. */
  readonly changedAt: Date | undefined;
  readonly bornAt: Date | undefined;
  /** On the device; a database in the backup may be shorter or longer. */
  readonly sizeBytes: number | undefined;
  /** 1 to 4, 0 without. */
  readonly protectionClass: number | undefined;
  /** BSD `st_flags`. */
  readonly flags: number | undefined;
}

/**
 * A record has about 60 values, attributes are a few. A manifest has half a million records, and each could unfold to
 * much more than it seems to hold.
 */
const LIMITS = { valuesMax: 1000, depthMax: 16, textBytesMax: 256 * 1024 };

/**
 * Reads a file record.
 *
 * @throws `plist.*`, `keyed-archive.*`, and nothing else
 */
export function parseFileRecord(bytes: Uint8Array): FileRecord {
  const archive = parseKeyedArchive(bytes, LIMITS);
  const fields = isKeyedObject(archive) ? archive.fields : {};
  return {
    relativePath: textOf(fields['RelativePath']),
    target: textOf(fields['Target']),
    digest: bytesOf(fields['Digest']),
    encryptionKey: bytesOf(fields['EncryptionKey']),
    extendedAttributes: attributesOf(bytesOf(fields['ExtendedAttributes'])),
    mode: integerOf(fields['Mode']),
    inode: inodeOf(fields['InodeNumber']),
    userID: signed32Of(fields['UserID']),
    groupID: signed32Of(fields['GroupID']),
    modifiedAt: dateOf(fields['LastModified']),
    changedAt: dateOf(fields['LastStatusChange']),
    bornAt: dateOf(fields['Birth']),
    sizeBytes: sizeOf(fields['Size']),
    protectionClass: integerOf(fields['ProtectionClass']),
    flags: integerOf(fields['Flags']),
  };
}

function textOf(value: KeyedValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function bytesOf(value: KeyedValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

function integerOf(value: KeyedValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function inodeOf(value: KeyedValue | undefined): number | bigint | undefined {
  return typeof value === 'bigint' ? value : integerOf(value);
}

function sizeOf(value: KeyedValue | undefined): number | undefined {
  const size = integerOf(value);
  return size !== undefined && size >= 0 ? size : undefined;
}

/** Owners −1 and −2 are written unsigned. Source: rows of iOS 27, owner −2 of system containers. */
function signed32Of(value: KeyedValue | undefined): number | undefined {
  const integer = integerOf(value);
  return integer === undefined ? undefined : integer | 0;
}

/** Unix seconds. */
function dateOf(value: KeyedValue | undefined): Date | undefined {
  const seconds = integerOf(value);
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A property list inside of the record; one that cannot be read is as good as none. */
function attributesOf(bytes: Uint8Array | undefined): ReadonlyMap<string, Uint8Array> | undefined {
  if (bytes === undefined) return undefined;
  try {
    const pairs = Object.entries(asDict(parsePropertyList(bytes, LIMITS)) ?? {});
    return new Map(pairs.filter((pair): pair is [string, Uint8Array] => pair[1] instanceof Uint8Array));
  } catch {
    return undefined;
  }
}
