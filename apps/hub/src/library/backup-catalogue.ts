import type { BackupSummary } from '@rootcellar/api';
import type { Clock } from '@rootcellar/core';
import type { BackupLibrary, KeptBackup } from '@rootcellar/operations';

/** The command line backs up too: what is known is looked at again after so long. */
const FRESH_MS = 5_000;

/** The list of backups, so that not every page reads the disk. */
export class BackupCatalogue {
  readonly #library: BackupLibrary;
  readonly #clock: Clock;
  #listed: Promise<readonly KeptBackup[]> | undefined;
  #listedMs = 0;
  #latest: readonly KeptBackup[] = [];

  constructor(library: BackupLibrary, clock: Clock) {
    this.#library = library;
    this.#clock = clock;
  }

  async all(): Promise<readonly KeptBackup[]> {
    const nowMs = this.#clock.now().getTime();
    if (this.#listed === undefined || nowMs - this.#listedMs > FRESH_MS) {
      this.#listedMs = nowMs;
      this.#listed = this.#library.list();
      this.#listed.catch(() => this.forget());
    }
    this.#latest = await this.#listed;
    return this.#latest;
  }

  /** Of what is known already: for events, which cannot wait. */
  lastGoodKnown(udid: string): KeptBackup | undefined {
    return lastGoodOf(this.#latest, udid);
  }

  async lastGood(udid: string): Promise<KeptBackup | undefined> {
    return lastGoodOf(await this.all(), udid);
  }

  /** Something was changed: look again. */
  forget(): void {
    this.#listed = undefined;
  }
}

function lastGoodOf(backups: readonly KeptBackup[], udid: string): KeptBackup | undefined {
  return backups.find(
    (kept) => kept.udid === udid && kept.kind !== 'unfinished' && !isBad(kept.verification?.verdict),
  );
}

function isBad(verdict: string | undefined): boolean {
  return verdict === 'damaged' || verdict === 'incomplete';
}

export function backupAnswer(kept: KeptBackup): BackupSummary {
  return {
    id: kept.id,
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
    verdict: kept.verification?.verdict ?? null,
    archived: kept.archived,
  };
}
