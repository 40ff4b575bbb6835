import { KnownError } from '@rootcellar/core';
import type { Snapshot } from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import {
  newestFinished,
  openPhoneVault,
  type PhoneVault,
  phonesWithVault,
  snapshotsToShow,
} from './phone-vault.ts';
import { lookForMissed, missedError } from './remembered-newest.ts';

export interface FoundSnapshot {
  readonly vault: PhoneVault;
  readonly snapshot: Snapshot;
}

const LATEST = 'latest';

/** The beginning of an id, of any length: what it fits twice is asked for again. */
const PREFIX = /^[0-9a-f]{1,64}$/i;

/**
 * The snapshot that is meant by the beginning of its id, or of what restic calls it now, by `latest`, or by the UDID of its phone or its beginning.
 *
 * @returns `undefined` if there is none of that name
 * @throws `operation.snapshot-ambiguous`, `operation.vault-key-missing`, `vault.*`, `storage.*`; `operation.newest-*` if the
 *   newest one is meant, and gone
 */
export async function findSnapshotOf(what: string, dataFolder: string): Promise<FoundSnapshot | undefined> {
  const phones = await phonesWithVault(dataFolder);
  const named = what === LATEST ? phones : phones.filter((udid) => isBeginning(what, udid));
  if (named.length > 1) throw operationError('snapshot-ambiguous', { count: named.length });
  const [udid] = named;
  if (udid !== undefined) return newestOf(dataFolder, udid);
  return PREFIX.test(what) ? findByID(what.toLowerCase(), dataFolder, phones) : undefined;
}

function isBeginning(what: string, udid: string): boolean {
  return what.length >= 8 && udid.toUpperCase().startsWith(what.toUpperCase());
}

/** @throws `operation.newest-missed`, `operation.newest-unproved`: nobody is given an older one without a word */
async function newestOf(dataFolder: string, udid: string): Promise<FoundSnapshot | undefined> {
  const vault = await openPhoneVault(dataFolder, udid);
  if (vault === undefined) return undefined;
  const { repository } = vault.contents;
  const { shown, missed } = await lookForMissed({ dataFolder, udid, repository });
  const newest = missed.find(({ isNewest }) => isNewest);
  if (newest) throw missedError(newest);
  const snapshot = newestFinished(shown);
  return snapshot && { vault, snapshot };
}

/** When the newest backup was made of the phone that a snapshot is of, if it is another one; it may be missing. */
export async function newerThan(id: string, dataFolder: string): Promise<Date | undefined> {
  const found = await findSnapshotOf(id, dataFolder);
  if (found === undefined) return undefined;
  const { udid, contents } = found.vault;
  const { shown, missed } = await lookForMissed({ dataFolder, udid, repository: contents.repository });
  const gone = missed.find(({ isNewest }) => isNewest);
  if (gone) return gone.again?.id === found.snapshot.id ? undefined : gone.takenAt;
  const newest = newestFinished(shown);
  return newest?.id === found.snapshot.id ? undefined : newest?.time;
}

async function foundIn(dataFolder: string, udid: string): Promise<readonly FoundSnapshot[]> {
  const vault = await openPhoneVault(dataFolder, udid);
  if (vault === undefined) return [];
  const { repository } = vault.contents;
  return (await snapshotsToShow(repository, udid)).map((snapshot) => ({ vault, snapshot }));
}

async function findByID(
  prefix: string,
  dataFolder: string,
  phones: readonly string[],
): Promise<FoundSnapshot | undefined> {
  const found: FoundSnapshot[] = [];
  let failure: unknown;
  for (const udid of phones) {
    // A vault that cannot be opened now does not hide what is in the others.
    const snapshots = await foundIn(dataFolder, udid).catch((error: unknown) => {
      if (!(error instanceof KnownError)) throw error;
      failure ??= error;
      return [];
    });
    found.push(
      ...snapshots.filter(({ snapshot: { id, recordID } }) =>
        [id, recordID].some((name) => name.startsWith(prefix)),
      ),
    );
  }
  if (found.length === 0 && failure !== undefined) throw failure;
  if (found.length > 1) throw operationError('snapshot-ambiguous', { count: found.length });
  return found[0];
}
