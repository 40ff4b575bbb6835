import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, folderTree, systemClock } from '@rootcellar/core';
import { backUpDevice } from '../back-up-device/back-up-device.ts';
import { completeBackupFolder, folderTarget } from '../back-up-device/backup-folder.ts';
import { placesOf, removeStaging } from '../back-up-device/folder-places.ts';
import { type OpenableBackup, openFound } from '../backup-source.ts';
import { compareDeviceBackups } from '../compare-device-backups.ts';
import { lockDevice } from '../device-lock.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { verifyDeviceBackup } from '../verify-device-backup.ts';
import { copyBackupFolder } from './archived-folder.ts';
import type { BackupLibrary, KeptBackup } from './backup-library.ts';
import { libraryError } from './errors.ts';
import { describeFolder, describeUnfinishedRun } from './folder-item.ts';
import { folderMarks } from './folder-marks.ts';

/** Names of folders of phones, as `usbmux/attachment.ts` lets them become UDIDs. */
const UDID = /^[0-9A-Za-z-]{1,64}$/;

/**
 * Backups as plain folders, one for each phone: a new backup takes the place of the old one, unless that is archived.
 *
 * ```
 * <data>/backups/<udid>/           the last finished backup; see `backup-folder.ts`
 * <data>/archived/<id>/<udid>/     what is kept for good
 * <data>/backup-marks/<id>.json    what is known of each: size, last check
 * <data>/deleted/                  on its way out
 * ```
 */
export function folderLibrary(options: {
  readonly dataFolder: string;
  readonly clock?: Clock;
}): BackupLibrary {
  return new FolderLibrary(options.dataFolder, options.clock ?? systemClock);
}

/** Where a backup lies: `home` holds the folder of the device. */
interface Place {
  readonly id: string;
  readonly home: string;
  readonly udid: string;
}

class FolderLibrary implements BackupLibrary {
  readonly #dataFolder: string;
  readonly #clock: Clock;
  readonly #marks: ReturnType<typeof folderMarks>;

  constructor(dataFolder: string, clock: Clock) {
    this.#dataFolder = dataFolder;
    this.#clock = clock;
    this.#marks = folderMarks(join(dataFolder, 'backup-marks'));
  }

  async list(): Promise<readonly KeptBackup[]> {
    const folders = await Promise.all(
      (await this.#places()).map(async (place) => (await describeFolder(place, this.#marks))?.item),
    );
    const unfinished = await Promise.all(
      (await foldersIn(join(this.#home, '.rootcellar'))).map((udid) =>
        describeUnfinishedRun(this.#home, udid),
      ),
    );
    return [...folders, ...unfinished].filter((item) => item !== undefined).sort(newestFirst);
  }

  async find(id: string): Promise<KeptBackup> {
    const item = (await this.list()).find((kept) => kept.id === id);
    if (item === undefined) throw libraryError('backup-unknown');
    return item;
  }

  openable(id: string): OpenableBackup {
    const place = this.#placeOf(id);
    return {
      lockName: place.udid,
      open: async () => {
        const { kind } = await this.find(id);
        if (kind === 'unfinished') throw libraryError('unfinished');
        return openFound(join(place.home, place.udid));
      },
    };
  }

  async backUp(options: Parameters<BackupLibrary['backUp']>[0]) {
    await mkdir(this.#home, { recursive: true, mode: 0o700 });
    const report = await backUpDevice({
      ...options,
      dataFolder: this.#dataFolder,
      target: folderTarget(folderTree(this.#home)),
    });
    return { ...report, id: `folder-${report.device.udid}` };
  }

  async verify(id: string, options: Parameters<BackupLibrary['verify']>[1]) {
    const checked = await verifyDeviceBackup(this.openable(id), options);
    const place = this.#placeOf(id);
    const described = await describeFolder(place, this.#marks);
    const verification = { at: this.#clock.now().toISOString(), verdict: checked.verdict };
    if (described) await this.#marks.write(id, { ...described.marks, verification });
    return checked;
  }

  compare(
    { before, after }: Parameters<BackupLibrary['compare']>[0],
    options: Parameters<BackupLibrary['compare']>[1],
  ) {
    return compareDeviceBackups({ ...options, before: this.openable(before), after: this.openable(after) });
  }

  async freedByDelete(id: string): Promise<number> {
    return (await this.find(id)).sizeBytes;
  }

  delete(id: string): Promise<void> {
    return runOperation(async () => {
      const { archived, kind } = await this.find(id);
      if (archived) throw libraryError('archived');
      const { home, udid } = this.#placeOf(id);
      const unlock = await lockDevice({ dataFolder: this.#dataFolder, udid, operation: 'delete' });
      try {
        if (kind === 'unfinished') await removeStaging(placesOf(folderTree(home), udid));
        else await this.#deleteFolder(home, udid);
        await this.#marks.remove(id);
      } finally {
        await unlock();
      }
    }, nothingChanged);
  }

  archive(id: string, archived: boolean): Promise<KeptBackup> {
    return runOperation(async () => {
      const item = await this.find(id);
      if (item.kind === 'unfinished') throw libraryError('unfinished');
      const isLive = id === `folder-${item.udid}`;
      if (!archived && isLive) return item;
      const place = isLive ? await this.#copy(item) : this.#placeOf(id);
      const described = await describeFolder(place, this.#marks);
      if (described === undefined) throw libraryError('backup-unknown');
      await this.#marks.write(place.id, {
        ...described.marks,
        archived,
        ...(item.verification && {
          verification: { at: item.verification.at.toISOString(), verdict: item.verification.verdict },
        }),
      });
      return this.find(place.id);
    }, nothingChanged);
  }

  async freeBytes(): Promise<number> {
    await mkdir(this.#home, { recursive: true, mode: 0o700 });
    return folderTree(this.#home).freeBytes();
  }

  get #home(): string {
    return join(this.#dataFolder, 'backups');
  }

  /** Archiving twice is archiving once: the name says which version it is. */
  async #copy({ udid, takenAt }: KeptBackup): Promise<Place> {
    const version = (takenAt ?? new Date(0)).toISOString().replace(/[-:.]/g, '');
    const id = `archived.${version}.${udid}`;
    const home = join(this.#dataFolder, 'archived', id);
    const unlock = await lockDevice({ dataFolder: this.#dataFolder, udid, operation: 'archive' });
    try {
      await completeBackupFolder(folderTree(this.#home), udid);
      const isThere = (await foldersIn(home)).includes(udid);
      if (!isThere) await copyBackupFolder(this.#home, home, udid);
      return { id, home, udid };
    } finally {
      await unlock();
    }
  }

  /** Out of sight in one step, so that nobody ever finds half of it. */
  async #deleteFolder(home: string, udid: string): Promise<void> {
    if (home === this.#home) await completeBackupFolder(folderTree(home), udid);
    const bin = join(this.#dataFolder, 'deleted');
    await mkdir(bin, { recursive: true, mode: 0o700 });
    await rename(join(home, udid), join(bin, randomUUID()));
    await rm(join(home, `${udid}.sha256`), { force: true });
    if (home !== this.#home) await rm(home, { recursive: true, force: true });
    await rm(bin, { recursive: true, force: true });
  }

  async #places(): Promise<readonly Place[]> {
    const live = await foldersIn(this.#home);
    const archived = (await namesIn(join(this.#dataFolder, 'archived'))).filter((id) => PLACE.test(id));
    return [
      ...live.map((udid) => ({ id: `folder-${udid}`, home: this.#home, udid })),
      ...archived.map((id) => this.#placeOf(id)),
    ];
  }

  /** @throws `library.backup-unknown` for what is no id of ours */
  #placeOf(id: string): Place {
    const { live, archived } = PLACE.exec(id)?.groups ?? {};
    if (live !== undefined) return { id, home: this.#home, udid: live };
    if (archived === undefined) throw libraryError('backup-unknown');
    return { id, home: join(this.#dataFolder, 'archived', id), udid: archived };
  }
}

const PLACE =
  /^(?:(?:folder|unfinished)-(?<live>[0-9A-Za-z-]{1,64})|archived\.[0-9TZ]{1,24}\.(?<archived>[0-9A-Za-z-]{1,64}))$/;

async function foldersIn(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => UDID.test(name));
}

/** Names of the folders in a folder; none if it is not there. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function newestFirst(a: KeptBackup, b: KeptBackup): number {
  return (b.takenAt?.getTime() ?? 0) - (a.takenAt?.getTime() ?? 0);
}
