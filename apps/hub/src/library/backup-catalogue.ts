import type { BackupSummary } from '@rootcellar/api';
import type { Clock } from '@rootcellar/core';
import { type BackupLibrary, type KeptBackup, libraryError, newestFirst } from '@rootcellar/operations';

/** The command line backs up too: after so long it is looked whether there is news. */
const FRESH_MS = 5_000;

/**
 * The list of backups, so that not every page opens every vault, which costs half a second for each phone.
 *
 * What this hub changes itself is seen at once; what others do, by the next who asks after the five seconds.
 */
export class BackupCatalogue {
  readonly #library: BackupLibrary;
  readonly #clock: Clock;
  readonly #onChange: (udid: string) => void;
  #listed: readonly KeptBackup[] | undefined;
  #listedMs = 0;
  #listing: Promise<readonly KeptBackup[]> | undefined;

  /** @param onChange hears of phones whose backups somebody else has changed */
  constructor(library: BackupLibrary, clock: Clock, onChange: (udid: string) => void) {
    this.#library = library;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  async all(): Promise<readonly KeptBackup[]> {
    const before = this.#listed;
    if (before === undefined) return this.#list();
    const isOld = this.#clock.now().getTime() - this.#listedMs > FRESH_MS;
    if (isOld && this.#listing === undefined) {
      void this.#list().then(
        (after) => this.#tell(before, after),
        () => {}, // A disk that is away for a moment: what was known stays until somebody wants to open it.
      );
    }
    return before;
  }

  /** @throws `library.backup-unknown` */
  async find(id: string): Promise<KeptBackup> {
    const isIt = (kept: KeptBackup): boolean => kept.id === id;
    const found = (await this.all()).find(isIt) ?? (await this.#list()).find(isIt);
    if (found === undefined) throw libraryError('backup-unknown');
    return found;
  }

  /** Of what is known already: for events, which cannot wait. */
  lastGoodKnown(udid: string): KeptBackup | undefined {
    return lastGoodOf(this.#listed ?? [], udid);
  }

  async lastGood(udid: string): Promise<KeptBackup | undefined> {
    return lastGoodOf(await this.all(), udid);
  }

  /** Something of a phone was changed. Until that is seen, which who changed it waits for, others get what was before. */
  async renew(udid: string): Promise<void> {
    const before = this.#listed;
    // What is being listed now began before the change.
    this.#listing = undefined;
    if (before === undefined) return void (await this.#list().catch(() => {}));
    const ofPhone = await this.#library.list(udid).catch(() => undefined);
    // What was done is done: who asks next hears why the list cannot be had.
    if (ofPhone === undefined) {
      this.#listed = undefined;
      return;
    }
    const others = (this.#listed ?? before).filter((kept) => kept.udid !== udid);
    this.#listed = [...ofPhone, ...others].sort(newestFirst);
  }

  #list(): Promise<readonly KeptBackup[]> {
    if (this.#listing) return this.#listing;
    const listing = this.#library.list();
    this.#listing = listing;
    const end = (listed: readonly KeptBackup[] | undefined): void => {
      if (this.#listing !== listing) return; // Forgotten meanwhile.
      this.#listing = undefined;
      this.#listed = listed ?? this.#listed;
      this.#listedMs = this.#clock.now().getTime();
    };
    listing.then(end, () => end(undefined));
    return listing;
  }

  #tell(before: readonly KeptBackup[], after: readonly KeptBackup[]): void {
    for (const udid of new Set([...before, ...after].map((kept) => kept.udid))) {
      const of = (all: readonly KeptBackup[]) => JSON.stringify(all.filter((kept) => kept.udid === udid));
      if (of(before) !== of(after)) this.#onChange(udid);
    }
  }
}

function lastGoodOf(backups: readonly KeptBackup[], udid: string): KeptBackup | undefined {
  return backups.find(
    (kept) =>
      kept.udid === udid &&
      kept.kind !== 'unfinished' &&
      !kept.incomplete &&
      !isBad(kept.verification?.verdict),
  );
}

function isBad(verdict: string | undefined): boolean {
  return verdict === 'damaged' || verdict === 'incomplete';
}

export function backupAnswer(kept: KeptBackup): BackupSummary {
  return {
    id: kept.id,
    recordID: kept.recordID ?? null,
    kind: kept.kind,
    udid: kept.udid,
    deviceName: kept.deviceName,
    productType: kept.productType ?? null,
    productVersion: kept.productVersion ?? null,
    takenAt: kept.takenAt?.toISOString() ?? null,
    sizeBytes: kept.sizeBytes,
    addedBytes: kept.addedBytes ?? null,
    encrypted: kept.encrypted,
    verified: kept.verified,
    verifiedAt: kept.verification?.at.toISOString() ?? null,
    verdict: kept.incomplete ? 'incomplete' : (kept.verification?.verdict ?? null),
    archived: kept.archived,
    keptAs: kept.keptAs ?? null,
  };
}
