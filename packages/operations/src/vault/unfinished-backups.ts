import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readInfo } from '@rootcellar/backup';
import { folderTree } from '@rootcellar/core';
import { countFiles } from '../back-up-device/tree-work.ts';
import type { KeptSnapshot } from './kept-snapshots.ts';
import { vaultPlaces } from './vault-places.ts';

/**
 * What runs that did not end have left, as lists show it.
 *
 * @param nameOf how the owner calls a phone, if a backup of it tells; else what arrived may
 */
export async function unfinishedBackups(
  dataFolder: string,
  nameOf: (udid: string) => string | undefined,
): Promise<readonly KeptSnapshot[]> {
  const folder = join(dataFolder, 'staging');
  if (!existsSync(folder)) return [];
  const home = folderTree(folder);
  const kept: KeptSnapshot[] = [];
  for (const udid of readdirSync(folder)) {
    const places = vaultPlaces(home, udid);
    const about = await home.stat(places.about);
    if (about === undefined) continue;
    const info = await readInfo(places.upper).catch(() => undefined);
    kept.push({
      ...NOTHING_KNOWN,
      id: `unfinished-${udid}`,
      kind: 'unfinished',
      udid,
      deviceName: nameOf(udid) ?? info?.deviceName,
      takenAt: about.modifiedAt,
      sizeBytes: (await countFiles(places.upper)).bytes,
    });
  }
  return kept;
}

const NOTHING_KNOWN = {
  recordID: undefined,
  productType: undefined,
  productVersion: undefined,
  addedBytes: undefined,
  encrypted: false,
  kept: undefined,
  verifiedAt: undefined,
  damagedAt: undefined,
  archived: false,
  imported: false,
  incomplete: false,
  foundAgain: false,
  readable: true,
} as const;
