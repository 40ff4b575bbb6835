import { parsePropertyList } from '@rootcellar/codecs';
import type { InspectedFile, Inspection } from './inspected-file.ts';

/** Apps keep megabytes in property lists, but not more than this. */
const PARSED_BYTES_MAX = 64 * 1024 * 1024;

const BINARY = 'bplist0';
const XML = /^(\uFEFF|\xEF\xBB\xBF)?\s*(<\?xml[^>]*>\s*)?<(!DOCTYPE plist|plist)/;

/** XML of other kinds is not for us; a property list in XML names itself within the first bytes, or is passed over. */
export function isPropertyList(start: Uint8Array): boolean {
  const text = Buffer.from(start).toString('latin1');
  return text.startsWith(BINARY) || XML.test(text);
}

export async function inspectPropertyList(file: InspectedFile): Promise<Inspection> {
  if (file.sizeBytes > PARSED_BYTES_MAX) return 'cannot-tell';
  const bytes = Buffer.concat(await Array.fromAsync(file.read()));
  try {
    parsePropertyList(bytes);
    return 'sound';
  } catch {
    return 'plist-damaged';
  }
}
