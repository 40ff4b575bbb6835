import {
  type Clock,
  type KnownError,
  type ProgressListener,
  type Secret,
  systemClock,
} from '@rootcellar/core';
import {
  connectDevice,
  type DeviceConnection,
  MOBILEBACKUP2_SERVICE,
  mobilebackup2Error,
  NOTIFICATION_PROXY_SERVICE,
  type PasswordChange,
  requestPasswordChange,
  watchOwner,
} from '@rootcellar/device';
import type { DeviceSummary } from '../choose-device.ts';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { type OperationProgress, operationProgress } from '../operation-progress.ts';
import { type FailureMeaning, runOperation } from '../run-operation.ts';
import {
  type EncryptionOptions,
  type EncryptionStatus,
  lookAtEncryption,
  willEncrypt,
} from './encryption-status.ts';
import { FORGOTTEN_PASSWORD } from './forgotten-password.ts';
import { rememberPasswordChange } from './remembered-change.ts';

/** A device shows the change within seconds. Source: device-protocols §8.8. */
const SHOWN_TRIES = 10;
const SHOWN_AGAIN_AFTER_MS = 1_000;

/** Refusals after which all is as it was. */
const REFUSED_AT_ONCE: ReadonlySet<string> = new Set([
  'mobilebackup2.wrong-password',
  'mobilebackup2.backup-encrypted-by-policy',
  'mobilebackup2.passcode-not-entered',
  'mobilebackup2.cancelled-on-device',
]);

/** `on` gives backups a password, `off` takes it away, `change` replaces it. */
export type EncryptionChange = 'on' | 'off' | 'change';

export interface ChangeEncryptionOptions extends EncryptionOptions {
  readonly change: EncryptionChange;
  readonly dataFolder: string;
  /** Sees the device before anything is done; false stops. */
  readonly consent?: (status: EncryptionStatus) => Promise<boolean>;
  /** Asked when it is clear that it is needed: the password of now. */
  readonly askPassword: () => Promise<Secret>;
  /** Likewise: the one from now on. */
  readonly askNewPassword: () => Promise<Secret>;
  readonly onProgress?: ProgressListener;
  readonly clock?: Clock;
}

export interface EncryptionReport {
  readonly device: DeviceSummary;
  /** Whether the next backup has a password. */
  readonly encrypted: boolean;
  /** False if the owner did not consent: nothing was done. */
  readonly changed: boolean;
}

/**
 * Gives backups of a device a password, another one, or none. The password is the device's: it holds for
 * every backup it makes from now on, to whatever computer, and for none that was made before.
 *
 * @throws `OperationFailure` with `operation.already-encrypted`, `operation.not-encrypted`,
 *   `operation.encryption-required`, `operation.cable-needed`, `operation.password-change-unseen`,
 *   `mobilebackup2.wrong-password`, `mobilebackup2.passcode-not-entered` …; `OperationStopped`
 */
export function changeEncryption(options: ChangeEncryptionOptions): Promise<EncryptionReport> {
  const run = new ChangeRun(options);
  return runOperation(
    () => run.run(),
    (error) => run.meaning(error),
    options.signal,
  );
}

class ChangeRun {
  readonly #options: ChangeEncryptionOptions;
  readonly #clock: Clock;
  readonly #progress: OperationProgress;
  #hasBegun = false;

  constructor(options: ChangeEncryptionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#progress = operationProgress({
      listener: options.onProgress,
      clock: this.#clock,
      begins: { message: 'DLMessageDownloadFiles', phase: 'preparing' },
    });
  }

  async run(): Promise<EncryptionReport> {
    const { change, usbmux, dataFolder, signal } = this.#options;
    const status = await lookAtEncryption(this.#options);
    requirePossible(status, change);
    const { device, encrypted } = status;
    if ((await this.#options.consent?.(status)) === false) return { device, encrypted, changed: false };

    const passwords = await this.#askPasswords();
    const unlock = await lockDevice({ dataFolder, udid: device.udid, operation: 'encryption' });
    try {
      const connection = await connectDevice(usbmux, device.attachments[0], signal);
      try {
        await this.#change(connection, passwords);
        // Forgotten, it costs a question later; the phone has changed it all the same.
        await rememberPasswordChange(dataFolder, device.udid, this.#clock.now()).catch(() => {});
        await this.#requireShown(connection);
      } finally {
        connection.close();
      }
    } finally {
      await unlock();
    }
    this.#progress.phase('done');
    return { device, encrypted: change !== 'off', changed: true };
  }

  async meaning(error: KnownError | undefined): Promise<FailureMeaning> {
    if (this.#hasBegun && !REFUSED_AT_ONCE.has(error?.code ?? '')) {
      return {
        dataState: 'earlier-snapshots-intact',
        yourData:
          'Backups made so far are as they were. Whether the password of future ones has changed, the iPhone tells: ' +
          'rootcellar encryption status.',
      };
    }
    const wrong = mobilebackup2Error.matches(error, 'wrong-password');
    return {
      dataState: 'unchanged',
      yourData: 'Nothing was changed: the iPhone backs up as before.',
      ...(wrong && { next: `Try again with the password that it has now. ${FORGOTTEN_PASSWORD}` }),
    };
  }

  async #askPasswords(): Promise<PasswordChange> {
    const { change, askPassword, askNewPassword } = this.#options;
    const old = change === 'on' ? undefined : await askPassword();
    const next = change === 'off' ? undefined : await askNewPassword();
    return { ...(old && { old }), ...(next && { new: next }) };
  }

  async #change(connection: DeviceConnection, passwords: PasswordChange): Promise<void> {
    const { signal } = this.#options;
    const owner = new AbortController();
    this.#progress.phase('preparing');
    const proxy = await watchOwner(await connection.openService(NOTIFICATION_PROXY_SERVICE), (event) => {
      if (event === 'passcode-wanted')
        this.#progress.phase('waiting-for-passcode', 'Enter the passcode on your iPhone.');
      else if (event === 'passcode-done') this.#progress.phase('preparing');
      else owner.abort(mobilebackup2Error('cancelled-on-device'));
    });
    try {
      const channel = await connection.openService(MOBILEBACKUP2_SERVICE, { escrow: true });
      this.#hasBegun = true;
      await requestPasswordChange({
        channel,
        udid: connection.attachment.udid,
        passwords,
        clock: this.#clock,
        signal: signal ? AbortSignal.any([signal, owner.signal]) : owner.signal,
      });
    } finally {
      proxy.close();
    }
  }

  /** A device that says yes and does not do it would lead to backups that nobody can open, or everybody. */
  async #requireShown(connection: DeviceConnection): Promise<void> {
    const wanted = this.#options.change !== 'off';
    for (let tries = 0; tries < SHOWN_TRIES; tries += 1) {
      if ((await willEncrypt(connection)) === wanted) return;
      await this.#clock.sleep(SHOWN_AGAIN_AFTER_MS, this.#options.signal);
      this.#options.signal?.throwIfAborted();
    }
    throw operationError('password-change-unseen');
  }
}

/** What can be known before anybody types a password. */
function requirePossible({ device, encrypted, required }: EncryptionStatus, change: EncryptionChange): void {
  if (change === 'on' && encrypted) throw operationError('already-encrypted');
  if (change !== 'on' && !encrypted) throw operationError('not-encrypted');
  if (change === 'off' && required) throw operationError('encryption-required');
  if (device.attachments[0].connection === 'wifi') throw operationError('cable-needed');
}
