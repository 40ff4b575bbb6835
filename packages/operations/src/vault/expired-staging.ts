import { KnownError, nameOf, ROOT, type WritableTree } from '@rootcellar/core';
import { STAGING_EXPIRES_MS } from '../back-up-device/staging-area.ts';
import { lockDevice } from '../device-lock.ts';
import { removeStaging, vaultPlaces } from './vault-places.ts';

/**
 * Frees the room of unfinished backups that nobody went on with for a week. A whole one that only waits to be stored
 * stays, however old it is.
 *
 * @param options.home holds the staging areas of all phones
 */
export async function removeExpiredStaging(options: {
  readonly dataFolder: string;
  readonly home: WritableTree;
  readonly now: Date;
}): Promise<void> {
  const { dataFolder, home, now } = options;
  for (const { path, kind } of await Array.fromAsync(home.list(ROOT))) {
    if (kind !== 'folder') continue;
    const udid = nameOf(path);
    const places = vaultPlaces(home, udid);
    const about = await home.stat(places.about);
    const isOld = about !== undefined && now.getTime() - about.modifiedAt.getTime() > STAGING_EXPIRES_MS;
    if (!isOld || (await home.stat(places.ingest))) continue;
    const unlock = await lockDevice({ dataFolder, udid, operation: 'backup' }).catch(unlessKnown);
    if (unlock === undefined) continue;
    await removeStaging(places).finally(unlock);
  }
}

/** Somebody works with that phone: then it is not left behind. */
function unlessKnown(error: unknown): undefined {
  if (!(error instanceof KnownError)) throw error;
  return undefined;
}
