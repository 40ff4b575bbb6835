import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderTree } from '@rootcellar/core';
import { readIngestNote } from './ingest.ts';
import { vaultPlaces } from './vault-places.ts';

/** Ids of the snapshots that a backup which waits to be stored is built on. */
export async function snapshotsInUse(dataFolder: string, udid: string): Promise<ReadonlySet<string>> {
  const staging = join(dataFolder, 'staging');
  if (!existsSync(staging)) return new Set();
  const note = await readIngestNote(vaultPlaces(folderTree(staging), udid));
  return new Set([note?.base, ...(note?.checkpoints ?? [])].filter((id) => id !== undefined));
}
