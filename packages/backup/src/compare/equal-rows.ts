import { FileIDSet } from '../folder/file-id-set.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestRow } from '../manifest/manifest-entry.ts';

/**
 * The fileIDs of which two lists say the same, byte for byte: digest, size, dates, key. Records are not decoded; memory
 * holds a page of each list.
 *
 * @throws `backup.manifest-damaged`
 */
export function fileIDsOfEqualRows(before: Manifest, after: Manifest): FileIDSet {
  const equal = new FileIDSet();
  const olds = before.rows()[Symbol.iterator]();
  let old = olds.next();
  for (const row of after.rows()) {
    while (!old.done && String(old.value.fileID) < String(row.fileID)) old = olds.next();
    if (old.done) break;
    if (isEqual(old.value, row)) equal.add(String(row.fileID));
  }
  return equal;
}

/** A record that is too large to be read equals none. */
function isEqual(one: ManifestRow, other: ManifestRow): boolean {
  return (
    one.fileID === other.fileID &&
    one.domain === other.domain &&
    one.relativePath === other.relativePath &&
    one.flags === other.flags &&
    one.file instanceof Uint8Array &&
    other.file instanceof Uint8Array &&
    Buffer.compare(one.file, other.file) === 0
  );
}
