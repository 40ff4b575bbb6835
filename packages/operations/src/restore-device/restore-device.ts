import { type BackupKeys, backupError, readInfo } from '@rootcellar/backup';
import {
  type Clock,
  KnownError,
  memoryTree,
  nestedTree,
  overlayTree,
  type ProgressListener,
  type Secret,
  systemClock,
} from '@rootcellar/core';
import {
  type Afc,
  connectDevice,
  type DeviceConnection,
  deviceLinkError,
  MOBILEBACKUP2_SERVICE,
  mobilebackup2Error,
  offerApplications,
  requestRestore,
  type SessionResult,
  type Usbmux,
  WHOLE_DEVICE,
  withdrawApplications,
} from '@rootcellar/device';
import { keysOf, passwordFor } from '../backup-password.ts';
import { type BackupSource, type BackupWhat, findBackup, openBackupSource } from '../backup-source.ts';
import { chooseDevice, type DeviceSummary } from '../choose-device.ts';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { holdDevice } from '../hold-device.ts';
import { type OperationProgress, operationProgress } from '../operation-progress.ts';
import { planRestore, type RestorePlan } from '../restore-plan/restore-plan.ts';
import { type FailureMeaning, nothingChanged, runOperation } from '../run-operation.ts';
import { backupFacts, deviceFacts } from './gather-facts.ts';
import { type RestoreReach, restoreMeaning } from './restore-meaning.ts';
import { waitForRestart } from './wait-for-restart.ts';

/** What a device writes while it restores is little, and thrown away. */
const SCRATCH_BYTES_MAX = 256 * 1024 * 1024;

/** All was sent, and the restart may have cut the last word off. Source: device-protocols §8.7, step 5. */
const ALL_SENT_FRACTION = 0.999;

export interface PlanRestoreOptions {
  readonly usbmux: Usbmux;
  readonly what: BackupWhat;
  /** Where vaults are looked for; without it, only folders are. */
  readonly dataFolder?: string | undefined;
  /** UDID, its beginning, or a name; the only connected device if absent. */
  readonly device?: string | undefined;
  readonly password?: Secret;
  /** Asked if there is no `password` and the backup turns out to need one; `undefined` goes on without. */
  readonly askPassword?: () => Promise<Secret | undefined>;
  /** Reading all of a large backup takes minutes. */
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface RestoreDeviceOptions extends PlanRestoreOptions {
  readonly dataFolder: string;
  /** Sees the plan before the device is touched; false stops. */
  readonly consent: (plan: RestorePlan, device: DeviceSummary, source: BackupSource) => Promise<boolean>;
  /** Sees the plan, also if it does not allow the restore. */
  readonly onPlan?: (plan: RestorePlan) => void;
}

export interface RestoreReport {
  readonly device: DeviceSummary;
  readonly plan: RestorePlan;
  readonly files: number;
  readonly bytes: number;
  /** False if the owner did not consent: nothing was done. */
  readonly restored: boolean;
}

/** Says what a restore would do. Touches nothing. */
export function planDeviceRestore(options: PlanRestoreOptions): Promise<RestorePlan> {
  return runOperation(
    async () => {
      const source = await openBackupSource(options.what, options.dataFolder);
      const password = await passwordFor(source, options);
      // A plan must not promise what a wrong password would refuse.
      const keys = await keysOf(source.tree, async () => password, options.signal);
      const device = await chooseDevice(options.usbmux, options.device);
      const connection = await connectDevice(options.usbmux, device.attachments[0], options.signal);
      try {
        return await makePlan(
          { ...options, ...(password && { password }), keys },
          source,
          device,
          connection,
        );
      } finally {
        connection.close();
      }
    },
    nothingChanged,
    options.signal,
  );
}

/**
 * Puts a backup onto a device, which becomes what the backup says. The backup cannot be changed by it:
 * the device sees an overlay whose writes are thrown away.
 *
 * @throws `OperationFailure`, `OperationStopped`
 */
export function restoreDevice(options: RestoreDeviceOptions): Promise<RestoreReport> {
  const run = new RestoreRun(options);
  return runOperation(
    () => run.run(),
    (error) => run.meaning(error),
    options.signal,
  );
}

async function makePlan(
  options: PlanRestoreOptions & { readonly keys?: BackupKeys | undefined },
  source: BackupSource,
  device: DeviceSummary,
  connection: DeviceConnection,
): Promise<RestorePlan> {
  const { signal, onProgress, password, keys } = options;
  const { tree, received, diskFolder, damagedAt } = source;
  const told = await deviceFacts(device, connection);
  const look = () =>
    backupFacts(tree, {
      keys,
      received,
      diskFolder,
      ...(signal && { signal }),
      onProgress: ({ files, bytes }) => onProgress?.({ phase: 'planning', files, bytes }),
    });
  const facts = await source.hold(look, signal);
  // Of files without a hash, a check of the whole vault has seen more than can be seen here.
  const backup = damagedAt === undefined ? facts : { ...facts, verdict: 'damaged' as const };
  return planRestore({ backup, device: told, hasPassword: password !== undefined });
}

class RestoreRun {
  #options: RestoreDeviceOptions;
  readonly #clock: Clock;
  readonly #progress: OperationProgress;
  #reach: RestoreReach = 'not-begun';

  constructor(options: RestoreDeviceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#progress = operationProgress({
      listener: options.onProgress,
      clock: this.#clock,
      begins: { message: 'DLMessageDownloadFiles', phase: 'sending' },
    });
  }

  async run(): Promise<RestoreReport> {
    const { usbmux, what, dataFolder, signal } = this.#options;
    this.#progress.phase('planning');
    const backup = await findBackup(what, dataFolder);
    const device = await chooseDevice(usbmux, this.#options.device);
    const unlock = await lockBoth({ dataFolder, udid: device.udid, source: await backup.lockName() });
    try {
      const source = await backup.open();
      const password = await passwordFor(source, this.#options);
      if (password) this.#options = { ...this.#options, password };
      const connection = await connectDevice(usbmux, device.attachments[0], signal);
      try {
        return await this.#restore(source, await chooseDevice(usbmux, device.udid), connection);
      } finally {
        connection.close();
      }
    } finally {
      await unlock();
    }
  }

  async meaning(error: KnownError | undefined): Promise<FailureMeaning> {
    return restoreMeaning(this.#reach, error);
  }

  async #restore(
    source: BackupSource,
    device: DeviceSummary,
    connection: DeviceConnection,
  ): Promise<RestoreReport> {
    const keys = await this.#keysOf(source);
    const plan = await makePlan({ ...this.#options, keys }, source, device, connection);
    this.#options.onPlan?.(plan);
    const blocking = plan.rules.filter(({ effect }) => effect === 'blocks').map(({ code }) => code);
    if (blocking.length > 0) throw operationError('restore-blocked', { rules: blocking.join(', ') });
    if (!(await this.#options.consent(plan, device, source))) {
      return { device, plan, files: 0, bytes: 0, restored: false };
    }

    const sourceUdid = plan.backup.udid ?? device.udid;
    const { files, bytes } = await source.hold(
      () => this.#send(source, connection, device, sourceUdid),
      this.#options.signal,
    );
    this.#reach = 'all-taken';
    this.#progress.phase('restarting', 'Your iPhone restarts now; leave it connected.');
    await waitForRestart(this.#options.usbmux, connection.attachment, {
      clock: this.#clock,
      signal: this.#options.signal,
    });
    this.#progress.phase('done');
    return { device, plan, files, bytes, restored: true };
  }

  /** It is the iPhone that refuses a wrong password, and in words of its own. */
  async #keysOf({ tree }: BackupSource): Promise<BackupKeys | undefined> {
    const { password, signal } = this.#options;
    try {
      return await keysOf(tree, async () => password, signal);
    } catch (error) {
      if (backupError.matches(error)) return undefined;
      throw error;
    }
  }

  async #send(
    source: BackupSource,
    connection: DeviceConnection,
    device: DeviceSummary,
    sourceUdid: string,
  ): Promise<SessionResult> {
    const { signal, password } = this.#options;
    const interrupt = new AbortController();
    const lock = await holdDevice(connection, {
      interrupt,
      onOwner: (event) => {
        if (event === 'passcode-wanted')
          this.#progress.phase('waiting-for-passcode', 'Enter the passcode on your iPhone.');
        else if (event === 'cancelled') interrupt.abort(mobilebackup2Error('cancelled-on-device'));
      },
      clock: this.#clock,
      signal,
    });
    try {
      await offerApps(lock.afc, source);
      const channel = await connection.openService(MOBILEBACKUP2_SERVICE, { escrow: true });
      this.#progress.phase('sending');
      return await requestRestore({
        channel,
        tree: nestedTree(await withoutTrace(source), sourceUdid),
        udid: device.udid,
        sourceUdid,
        choices: WHOLE_DEVICE,
        ...(password && { password }),
        clock: this.#clock,
        signal: signal ? AbortSignal.any([signal, interrupt.signal]) : interrupt.signal,
        onProgress: (progress) => {
          // From the first file on; a list that it asks for changes nothing.
          if (progress.bytes > 0) this.#reach = 'sending';
          this.#progress.session(progress);
        },
        onSilence: () =>
          this.#progress.note('Your iPhone has been silent for ten minutes; that can be normal.'),
      });
    } catch (error) {
      await withdrawApps(lock.afc);
      throw maybeRestored(error);
    } finally {
      await lock.release();
    }
  }
}

/** The device that is restored, and the one whose backup is read: nobody may back it up meanwhile. */
async function lockBoth(options: {
  readonly dataFolder: string;
  readonly udid: string;
  readonly source: string;
}): Promise<() => Promise<void>> {
  const { dataFolder, udid, source } = options;
  const operation = 'restore';
  const unlock = await lockDevice({ dataFolder, udid, operation });
  if (source === udid) return unlock;
  try {
    const unlockSource = await lockDevice({ dataFolder, udid: source, operation });
    return async () => {
      await unlockSource();
      await unlock();
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** What a device writes goes to memory: a restore cannot change a backup. */
async function withoutTrace(source: BackupSource) {
  return overlayTree({ base: source.tree, upper: memoryTree({ capacityBytes: SCRATCH_BYTES_MAX }) });
}

function maybeRestored(error: unknown): unknown {
  if (!(error instanceof KnownError) || !deviceLinkError.matches(error, 'ended')) return error;
  return Number(error.details['fraction'] ?? 0) >= ALL_SENT_FRACTION
    ? operationError('maybe-restored', {}, error)
    : error;
}

async function offerApps(afc: Afc, source: BackupSource): Promise<void> {
  const { applications } = await readInfo(source.tree);
  if (applications && Object.keys(applications).length > 0) await offerApplications(afc, applications);
}

async function withdrawApps(afc: Afc): Promise<void> {
  try {
    await withdrawApplications(afc);
  } catch {
    // The device is gone. It reads the list only as part of a restore.
  }
}
