import { type BackupKeys, backupError, checkWhole, encodeInfo, readStatus } from '@rootcellar/backup';
import {
  type Clock,
  joinPath,
  type KnownError,
  type ProgressListener,
  ROOT,
  systemClock,
} from '@rootcellar/core';
import {
  connectDevice,
  type DeviceConnection,
  MOBILEBACKUP2_SERVICE,
  mobilebackup2Error,
  type OwnerEvent,
  requestBackup,
  type SessionResult,
  type Usbmux,
} from '@rootcellar/device';
import { isEncrypted, type PasswordSource } from '../backup-password.ts';
import { willEncrypt } from '../change-encryption/encryption-status.ts';
import { chooseDevice, type DeviceSummary } from '../choose-device.ts';
import { lockDevice, readBootID } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { holdDevice } from '../hold-device.ts';
import { type OperationProgress, operationProgress } from '../operation-progress.ts';
import { type FailureMeaning, runOperation } from '../run-operation.ts';
import type { BackupTarget, UnfinishedBackup } from './backup-target.ts';
import { describeUnfinished } from './describe-unfinished.ts';
import { gatherInfo } from './gather-info.ts';
import { NOT_OF_LAST_BACKUP, type Opened, requireNotWrong, tryPassword } from './given-password.ts';
import { openPartsOfPhone, watchedTree } from './parts-of-phone.ts';

/**
 * A phone refuses when less than this would remain. Below it nothing can be backed up, so we need not
 * bother the owner. Source: observed §1.7 (a phone's own log, iOS 16.1.1).
 */
const FREE_BYTES_MIN = 134_217_728;

/** A phone that says that it asks for its passcode does so within two seconds. */
const HINT_AFTER_MS = 5_000;

export interface BackUpDeviceOptions {
  readonly usbmux: Usbmux;
  /** Where this program keeps its state: locks. */
  readonly dataFolder: string;
  /** Where the backup goes. */
  readonly target: BackupTarget;
  /** UDID, its beginning, or a name; the only connected device if absent. */
  readonly device?: string | undefined;
  /** Send everything again, whatever is there already. */
  readonly full?: boolean;
  /** Of the backups of this device: with it, an encrypted backup can be checked inside before it counts. */
  readonly password?: PasswordSource | undefined;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** What a finished backup came to. */
export interface BackupReport {
  readonly device: DeviceSummary;
  /** Of a vault. */
  readonly snapshot: string | undefined;
  /** All files of the backup and their bytes as stored. */
  readonly files: number;
  readonly bytes: number;
  /** What travelled this time. */
  readonly changedFiles: number;
  readonly changedBytes: number;
  /** Items that the phone itself could not read. */
  readonly unreadableFiles: number;
  /** Apps could not be listed: a restore will not install them again. */
  readonly withoutApps: boolean;
  readonly resumed: boolean;
  readonly encrypted: boolean;
  /** It is encrypted and no password was at hand: what is in it was not checked. */
  readonly sealed: boolean;
  /** A password was at hand, and does not open it: it is kept as it came, not decrypted and not looked into. */
  readonly wrongPassword: boolean;
  /** What checking it found that is no damage; 0 means that all was checked and is whole. */
  readonly doubts: number;
}

/**
 * Backs up a device into its target: a vault, where earlier backups stay beside the new one, or a plain iTunes-format folder,
 * where the backup of before stays whole until the new one is, and is then replaced. Until the target has committed, the new
 * one does not count.
 *
 * @throws `OperationFailure`; what was received so far is kept, and the next run uses it, but for a first backup: a
 *   phone begins that anew
 * @throws `OperationStopped` if `signal` aborts
 */
export function backUpDevice(options: BackUpDeviceOptions): Promise<BackupReport> {
  const run = new BackupRun(options);
  return runOperation(
    () => run.run(),
    (error) => run.meaning(error),
    options.signal,
  );
}

const UNTOUCHED: FailureMeaning = {
  dataState: 'unchanged',
  yourData: 'Nothing was changed, neither here nor on the iPhone.',
};

class BackupRun {
  readonly #options: BackUpDeviceOptions;
  readonly #clock: Clock;
  readonly #progress: OperationProgress;
  #folder: UnfinishedBackup | undefined;
  #earlierAt: Date | undefined;
  /** What arrived is not whole, but all there is: the snapshot that has it. */
  #keptAs: string | undefined;
  /** An earlier backup is being put in place; whatever happens then, it is not lost. */
  #isCompleting = false;
  /** Nothing was asked of the phone yet, nor anything written. */
  #isTryingPassword = false;

  constructor(options: BackUpDeviceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#progress = operationProgress({
      listener: options.onProgress,
      clock: this.#clock,
      begins: { message: 'DLMessageUploadFiles', phase: 'receiving' },
    });
  }

  async run(): Promise<BackupReport> {
    const { usbmux, dataFolder, signal } = this.#options;
    this.#progress.phase('preparing');
    const device = await chooseDevice(usbmux, this.#options.device);
    const unlock = await lockDevice({ dataFolder, udid: device.udid, operation: 'backup' });
    try {
      const connection = await connectDevice(usbmux, device.attachments[0], signal);
      try {
        return await this.#backUp(await chooseDevice(usbmux, device.udid), connection);
      } finally {
        connection.close();
      }
    } finally {
      await unlock();
    }
  }

  async meaning(error: KnownError | undefined): Promise<FailureMeaning> {
    if (this.#isCompleting && operationError.matches(error, 'stored-part-lost')) {
      return {
        dataState: 'earlier-snapshots-intact',
        yourData:
          'What had arrived of the last backup is no whole backup any more; it is set aside until the next is.',
      };
    }
    if (this.#isCompleting) {
      return {
        dataState: 'earlier-snapshots-intact',
        yourData:
          'A whole backup of before was being put in place, and could not be yet. Nothing of it is lost.',
      };
    }
    if (this.#folder === undefined) return UNTOUCHED;
    if (this.#isTryingPassword) {
      await this.#folder.leaveUnfinished().catch(() => {});
      const wrong = backupError.matches(error, 'password-wrong');
      return { ...UNTOUCHED, ...(wrong && { next: NOT_OF_LAST_BACKUP }) };
    }
    return describeUnfinished(this.#folder, {
      earlierAt: this.#earlierAt,
      keptAs: this.#keptAs,
      error,
    });
  }

  async #backUp(device: DeviceSummary, connection: DeviceConnection): Promise<BackupReport> {
    const { target } = this.#options;
    await target.check();
    const watched = { onProgress: this.#progress.stored, signal: this.#options.signal };
    this.#isCompleting = true;
    await target.complete(device.udid, { ...watched, full: this.#options.full === true });
    this.#isCompleting = false;
    if (this.#options.full === true) await target.giveUpDamaged?.(device.udid, watched);
    await this.#requireSpace(connection);
    const startedAt = this.#clock.now();
    const folder = await target.open({ udid: device.udid, bootID: await readBootID(), startedAt });
    this.#folder = folder;
    this.#earlierAt = folder.hasEarlier
      ? (await readStatus(folder.device).catch(() => undefined))?.date
      : undefined;
    await this.#tryPassword(device.udid, connection, folder);
    const full = this.#options.full === true || (await isUnusable(folder, this.#options.signal));

    const interrupt = new AbortController();
    const lock = await holdDevice(connection, {
      interrupt,
      onOwner: (event) => this.#onOwner(event, interrupt),
      clock: this.#clock,
      signal: this.#options.signal,
    });
    try {
      const info = await gatherInfo(connection, lock.afc);
      const result = await this.#receive(connection, folder, full, interrupt.signal);
      await folder.device.write(joinPath(ROOT, 'Info.plist'), [encodeInfo(info.values, startedAt)]);
      const { keys, wrongPassword } = await this.#open(folder);
      const whole = await this.#requireWhole(folder, keys);
      this.#progress.phase('storing');
      this.#options.signal?.throwIfAborted();
      const { snapshot } = await folder.commit({ ...watched, keys, full });
      this.#progress.phase('done');
      const { files: changedFiles, bytes: changedBytes, unreadableFiles } = result;
      const { resumed } = folder;
      return {
        device,
        ...whole,
        wrongPassword,
        snapshot,
        changedFiles,
        changedBytes,
        unreadableFiles,
        withoutApps: info.withoutApps,
        resumed,
      };
    } finally {
      await lock.release();
    }
  }

  /** Only what is certain is refused here; the phone itself compares the exact size before it sends. */
  async #requireSpace(connection: DeviceConnection): Promise<void> {
    const freeBytes = await this.#options.target.freeBytes();
    if (freeBytes < FREE_BYTES_MIN) {
      throw operationError('disk-too-small', { freeBytes, neededBytes: FREE_BYTES_MIN });
    }
    const capacity = await connection.lockdown.number('TotalDataCapacity', 'com.apple.disk_usage');
    const available = await connection.lockdown.number('TotalDataAvailable', 'com.apple.disk_usage');
    // Zeros mean that the phone does not know. Source: observed §5.4.
    if (!capacity || !available) return;
    if (capacity - available > freeBytes) {
      this.#progress.note('This disk may be too small; your iPhone will tell before it sends anything.');
    }
  }

  #onOwner(event: OwnerEvent, interrupt: AbortController): void {
    if (event === 'passcode-wanted')
      this.#progress.phase('waiting-for-passcode', 'Enter the passcode on your iPhone.');
    else if (event === 'passcode-done') this.#progress.phase('preparing');
    else interrupt.abort(mobilebackup2Error('cancelled-on-device'));
  }

  async #receive(
    connection: DeviceConnection,
    folder: UnfinishedBackup,
    full: boolean,
    interrupted: AbortSignal,
  ): Promise<SessionResult> {
    const { signal } = this.#options;
    const parts = await openPartsOfPhone(folder.device, folder.hasEarlier);
    const answered = new AbortController();
    try {
      const channel = await connection.openService(MOBILEBACKUP2_SERVICE, { escrow: true });
      void this.#hintAtPasscode(answered.signal);
      const result = await requestBackup({
        channel,
        tree: watchedTree(folder.served, (path) => this.#progress.arriving(parts.domainOf(path))),
        udid: connection.attachment.udid,
        full,
        clock: this.#clock,
        signal: signal ? AbortSignal.any([signal, interrupted]) : interrupted,
        onProgress: (progress) => this.#progress.session(progress),
        onSilence: () =>
          this.#progress.note('Your iPhone has been silent for ten minutes; that can be normal.'),
      });
      const status = await readStatus(folder.device).catch(() => undefined);
      if (status?.snapshotState !== 'finished') throw mobilebackup2Error('not-finished');
      return result;
    } finally {
      answered.abort();
      await parts.close();
    }
  }

  /**
   * The phone tells when it asks for its passcode, but not always. Source: device-protocols §8.3 step 9;
   * every backup to a computer since iOS 16.1 is asked for.
   */
  async #hintAtPasscode(answered: AbortSignal): Promise<void> {
    await this.#clock.sleep(HINT_AFTER_MS, answered);
    if (answered.aborted || this.#progress.phaseNow !== 'preparing') return;
    this.#progress.note('If your iPhone asks for its passcode, enter it there.');
  }

  async #open(folder: UnfinishedBackup): Promise<Opened> {
    const opened = await tryPassword(folder.device, this.#options.password, this.#options.signal);
    if (opened.wrongPassword)
      this.#progress.note('The backup does not open with the password that was given; it is kept as it is.');
    return opened;
  }

  async #tryPassword(udid: string, connection: DeviceConnection, folder: UnfinishedBackup): Promise<void> {
    const { password, dataFolder, signal } = this.#options;
    if (!folder.hasEarlier || password === undefined || !(await willEncrypt(connection))) return;
    this.#isTryingPassword = true;
    await requireNotWrong(folder.device, { password, dataFolder, udid, signal });
    this.#isTryingPassword = false;
  }

  /** Before it takes the place of the old one. An encrypted one cannot be looked into without its password. */
  async #requireWhole(folder: UnfinishedBackup, keys: BackupKeys | undefined): Promise<WhatIsWhole> {
    this.#progress.phase('verifying');
    const encrypted = await isEncrypted(folder.device);
    const isNew = folder.hasEarlier ? await folder.newFileIDs() : undefined;
    const { signal } = this.#options;
    const options = {
      keys,
      ...(signal && { signal }),
      ...(isNew && { isUnchanged: (fileID: string) => !isNew.has(fileID) }),
    };
    const { verdict, files, bytes, findings } = await checkWhole(folder.device, options);
    if (verdict === 'damaged' || verdict === 'incomplete') {
      this.#keptAs = await folder.keepIncomplete?.({ signal }).catch(() => undefined);
      throw operationError('backup-not-whole', { findings: findings.length });
    }
    const doubts = findings.filter(
      ({ severity, code }) => severity === 'doubt' && code !== 'manifest-encrypted',
    ).length;
    return { files, bytes, encrypted, sealed: encrypted && keys === undefined, doubts };
  }
}

type WhatIsWhole = Pick<BackupReport, 'files' | 'bytes' | 'encrypted' | 'sealed' | 'doubts'>;

/**
 * Is there an earlier backup that the phone cannot build upon? Then everything must be sent again.
 * Source: device-protocols §8.3 step 7 as corrected by observed §9; missing payloads end in 205 (observed §1.5).
 */
async function isUnusable(folder: UnfinishedBackup, signal: AbortSignal | undefined): Promise<boolean> {
  if (!folder.hasEarlier) return false;
  for (const name of ['Manifest.plist', 'Manifest.db', 'Status.plist']) {
    const entry = await folder.device.stat(joinPath(ROOT, name));
    if (entry === undefined || entry.sizeBytes === 0) return !folder.resumed;
  }
  if (folder.resumed) return false;
  const { verdict } = await checkWhole(folder.device, { isUnchanged: () => true, ...(signal && { signal }) });
  return verdict === 'damaged';
}
