import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, treeErrorFor } from '@rootcellar/core';
import { z } from 'zod';
import { requireUdid } from './phone-vault.ts';
import { writePrivateFile } from './private-file.ts';
import { usualKept } from './usual-kept.ts';
import type { Kept } from './vault-target.ts';

/* How the encrypted backups of a phone are kept, as its owner chose last. */

const REMEMBERED = z.object({ version: z.literal(1), kept: z.enum(['small', 'sealed']) });

/**
 * How the backups of a phone are to be kept now: as wanted, which is remembered; else as remembered; else as usual.
 *
 * @throws `tree.*` if the choice cannot be read or written
 */
export async function chooseKept(dataFolder: string, udid: string, wanted: Kept | undefined): Promise<Kept> {
  requireUdid(udid);
  const file = join(dataFolder, 'phones', `${udid}.json`);
  const remembered = await readRemembered(file);
  if (wanted === undefined) return remembered ?? usualKept(dataFolder, udid);
  if (wanted !== remembered) {
    const content: z.input<typeof REMEMBERED> = { version: 1, kept: wanted };
    await writePrivateFile(file, `${JSON.stringify(content)}\n`).catch((error: unknown) => {
      throw treeErrorFor(error);
    });
  }
  return wanted;
}

/** What cannot be understood is as good as nothing: the usual is safe. */
async function readRemembered(file: string): Promise<Kept | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '';
    throw treeErrorFor(error);
  });
  try {
    return REMEMBERED.parse(JSON.parse(text)).kept;
  } catch {
    return undefined;
  }
}
