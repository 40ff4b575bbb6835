import { asDict, asInteger, encodeBinaryPlist, type PlistDict, parsePropertyList } from '@rootcellar/codecs';
import { readWhole } from '../file-system/file-content.ts';
import { type Day, rewrite } from './day.ts';

const PREFERENCES = '/var/mobile/Library/Preferences';

/** Settings are small; whatever is larger is none of ours. */
const SETTINGS_BYTES_MAX = 64 * 1024;

/** Daemons count how often they were started. */
export async function changeSettings(day: Day): Promise<void> {
  const { files } = day.phone;
  const names = files.list(PREFERENCES).filter((name) => name.endsWith('.plist'));
  if (names.length === 0) return;
  for (let count = 0; count < 6; count += 1) {
    const path = `${PREFERENCES}/${day.random.pick(names)}`;
    const content = files.stat(path)?.content;
    if (content === undefined || content.sizeBytes > SETTINGS_BYTES_MAX) continue;
    const settings = parseOrNothing(await readWhole(content));
    if (settings === undefined) continue;
    const launches = Number(asInteger(settings['Launches']) ?? 0) + 1;
    rewrite(day, path, encodeBinaryPlist({ ...settings, Launches: launches }));
  }
}

function parseOrNothing(bytes: Uint8Array): PlistDict | undefined {
  try {
    return asDict(parsePropertyList(bytes));
  } catch {
    return undefined;
  }
}
