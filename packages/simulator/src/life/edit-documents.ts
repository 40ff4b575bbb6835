import { findDomain } from '../content/domains.ts';
import { inventSentence } from '../content/texts.ts';
import { readWhole } from '../file-system/file-content.ts';
import type { PhoneNode } from '../file-system/phone-file-system.ts';
import { folderOf } from '../file-system/phone-path.ts';
import { type Day, rewrite, timesOn } from './day.ts';

/** Above this nobody types. */
const EDITED_BYTES_MAX = 1024 * 1024;

/** Apps somebody works with on one day. */
const APPS_A_DAY = 3;

/** In some apps documents are edited, written, renamed and deleted. @returns how many */
export async function editDocuments(day: Day): Promise<number> {
  const { phone, random } = day;
  const users = phone.apps.filter((app) => app.kind === 'User');
  let changed = 0;
  for (let count = 0; count < Math.min(APPS_A_DAY, users.length); count += 1) {
    const { bundleID } = random.pick(users);
    const root = `${findDomain(`AppDomain-${bundleID}`, phone.apps)?.root}/Documents`;
    const documents = [...phone.files.walk(root)].filter((node) => node.kind === 'file');
    if (documents.length < 4) continue;
    await edit(day, random.pick(documents));
    write(day, root, count);
    rename(day, random.pick(documents));
    if (random.below(2) === 0) phone.files.remove(random.pick(documents).path);
    changed += 3;
  }
  return changed;
}

/** Adds a line. */
async function edit(day: Day, { path, content }: PhoneNode): Promise<void> {
  if (content === undefined || content.sizeBytes > EDITED_BYTES_MAX) return;
  const line = Buffer.from(`${inventSentence(day.random)}\n`);
  rewrite(day, path, Buffer.concat([await readWhole(content), line]));
}

function write(day: Day, root: string, number: number): void {
  const lines = Array.from({ length: 1 + day.random.below(30) }, () => inventSentence(day.random));
  rewrite(day, `${root}/Diary ${day.at}-${number}.txt`, Buffer.from(`${lines.join('\n')}\n`));
}

function rename(day: Day, { path }: PhoneNode): void {
  const { files } = day.phone;
  if (files.stat(path) === undefined) return;
  const to = `${folderOf(path)}/renamed ${day.at}-${day.random.below(1e6)}${/\.[a-z]{1,5}$/.exec(path)?.[0] ?? ''}`;
  files.rename(path, to);
  const { changedAt } = timesOn(day);
  files.setAttributes(to, changedAt === undefined ? {} : { changedAt });
}
