import { storageError } from '../../errors.ts';
import { asArray, asCount, asObject, asText, parseJson } from '../../repository/json-fields.ts';
import { isStoredID } from '../storage.ts';

/** Asks for names with sizes. A server that does not know it sends names only. */
export const LIST_TYPE = 'application/vnd.x.restic.rest.v2';

/**
 * A list of files, with sizes (version 2) or without (version 1).
 *
 * @throws `storage.unknown-answer` if it is no list
 */
export function parseRestList(
  bytes: Uint8Array,
): readonly { readonly id: string; readonly sizeBytes: number | undefined }[] {
  const document = parseJson(bytes);
  // Go writes an empty list as null.
  const items = document === null ? [] : asArray(document);
  if (items === undefined) throw storageError('unknown-answer', { status: 200 });
  return items.flatMap((item) => {
    const fields = asObject(item);
    const id = asText(item) ?? asText(fields?.['name']);
    return id !== undefined && isStoredID(id) ? [{ id, sizeBytes: asCount(fields?.['size']) }] : [];
  });
}
