import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '@rootcellar/backup';

/** What is known of a plain backup folder and stands nowhere in it. */
export interface FolderMarks {
  /** Of which backup: a folder gets a new one with every run. See `identityOf`. */
  readonly identity: string;
  readonly sizeBytes: number;
  readonly verification?: { readonly at: string; readonly verdict: Verdict } | undefined;
  readonly archived?: boolean | undefined;
}

/** A file for each backup, `<folder>/<id>.json`. What cannot be read is found out again. */
export function folderMarks(folder: string) {
  const fileOf = (id: string) => join(folder, `${id}.json`);
  return {
    async read(id: string, identity: string): Promise<FolderMarks | undefined> {
      const marks = await readMarks(fileOf(id));
      return marks?.identity === identity ? marks : undefined;
    },
    async write(id: string, marks: FolderMarks): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = `${fileOf(id)}.${process.pid}.draft`;
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(marks));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, fileOf(id));
    },
    remove: (id: string) => rm(fileOf(id), { force: true }),
  };
}

async function readMarks(file: string): Promise<FolderMarks | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<FolderMarks> | null;
    const { identity, sizeBytes, verification, archived } = value ?? {};
    if (typeof identity !== 'string' || typeof sizeBytes !== 'number') return undefined;
    const isSound = typeof verification?.at === 'string' && typeof verification.verdict === 'string';
    return {
      identity,
      sizeBytes,
      verification: isSound ? verification : undefined,
      archived: archived === true,
    };
  } catch {
    return undefined;
  }
}
