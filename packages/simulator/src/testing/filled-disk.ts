import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { manualClock } from '@rootcellar/core';
import { contentOf } from '../content/profile.ts';
import { createPhoneFiles } from '../file-system/create-phone-files.ts';
import { readWhole } from '../file-system/file-content.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import type { InstalledApp } from '../phone/phone.ts';

export const FILLED_AT = new Date('2026-05-03T10:00:00Z');

/** As much of a phone as content and life need. */
export interface FilledDisk {
  readonly files: PhoneFileSystem;
  apps: readonly InstalledApp[];
  setApps(apps: readonly InstalledApp[]): void;
}

export async function filledDisk(profile: string, system?: number): Promise<FilledDisk> {
  const content = contentOf(profile, { seed: 7, now: FILLED_AT, system });
  const files = await createPhoneFiles({ clock: manualClock(FILLED_AT) });
  content.fill(files);
  const disk: FilledDisk = {
    files,
    apps: content.apps,
    setApps: (apps) => {
      disk.apps = apps;
    },
  };
  return disk;
}

/** Everything: names, attributes, numbers of inodes and all bytes. Equal phones have equal digests. */
export async function digestOfDisk({ files, apps }: FilledDisk): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(apps.map((app) => [app.bundleID, app.version, app.groups, app.containerUUID])));
  for (const { content, attributes, ...node } of files.walk('/')) {
    const marks = [...attributes.extendedAttributes].map(([name, bytes]) => [name, [...bytes]]);
    hash.update(JSON.stringify([node, attributes, marks]));
    for await (const piece of content?.read() ?? []) hash.update(piece);
  }
  return hash.digest('hex');
}

/** Opens a database of the phone through a copy at `path` of this computer. */
export async function openCopy(files: PhoneFileSystem, device: string, path: string): Promise<DatabaseSync> {
  const content = files.stat(device)?.content;
  if (content === undefined) throw new Error(`The phone has no ${device}`);
  writeFileSync(path, await readWhole(content));
  return new DatabaseSync(path, { readOnly: true });
}
