import { memoryTree, treePath, type WritableTree } from '@rootcellar/core';
import { MBDB } from './mbdb-copy.ts';

/* Lists of files as iOS 5 to 9 wrote them, for the tests of this package. */

export interface ExampleRecord {
  readonly domain?: string | null;
  readonly path?: string | null;
  readonly target?: string | null;
  readonly digest?: Uint8Array | null;
  readonly encryptionKey?: Uint8Array | null;
  readonly mode?: number;
  readonly inode?: bigint;
  readonly userID?: number;
  readonly modifiedAt?: number;
  readonly sizeBytes?: bigint;
  readonly protectionClass?: number;
  readonly attributes?: Readonly<Record<string, Uint8Array>>;
}

const HEADER = Buffer.from('mbdb\u0005\u0000', 'latin1');

export function mbdbBytes(records: readonly ExampleRecord[]): Uint8Array {
  return Buffer.concat([HEADER, ...records.map(mbdbRecordBytes)]);
}

export async function mbdbBackup(records: readonly ExampleRecord[]): Promise<WritableTree> {
  const tree = memoryTree();
  await tree.write(MBDB, [mbdbBytes(records)]);
  await tree.write(treePath('Manifest.plist'), [new Uint8Array()]);
  return tree;
}

export function mbdbRecordBytes(record: ExampleRecord): Uint8Array {
  const { domain = 'HomeDomain', path = 'x', target = null, digest = null, encryptionKey = null } = record;
  const attributes = Object.entries(record.attributes ?? {});
  const times = Buffer.concat([unsigned32(record.modifiedAt ?? 1_400_000_000), unsigned32(2), unsigned32(3)]);
  return Buffer.concat([
    ...[domain, path, target, digest, encryptionKey].map(data),
    unsigned16(record.mode ?? 0o100644),
    unsigned64(record.inode ?? 7n),
    unsigned32(record.userID ?? 501),
    unsigned32(501),
    times,
    unsigned64(record.sizeBytes ?? 12n),
    Uint8Array.of(record.protectionClass ?? 3, attributes.length),
    ...attributes.flatMap(([name, value]) => [data(name), data(value)]),
  ]);
}

function data(value: string | Uint8Array | null): Uint8Array {
  if (value === null) return unsigned16(0xffff);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([unsigned16(bytes.length), bytes]);
}

function unsigned16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function unsigned32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function unsigned64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
