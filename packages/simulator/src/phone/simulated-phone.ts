import { asString } from '@rootcellar/codecs';
import { type Clock, type Random, seededRandom } from '@rootcellar/core';
import type { Model } from '../devices/models.ts';
import type { SystemBehaviour } from '../devices/system-behaviour.ts';
import type { System } from '../devices/systems.ts';
import { PhoneFaults } from '../faults/phone-faults.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { saveSavedPhone } from '../state/saved-phone.ts';
import type { BackupEncryption } from './backup-encryption.ts';
import type { DeviceKey } from './device-key.ts';
import { deviceKeyToPem } from './device-key.ts';
import { domainValues, hiddenValue } from './domain-values.ts';
import type { FilledPhone } from './fill-phone.ts';
import { StoredValues } from './lockdown-values.ts';
import { noDomainValues } from './no-domain-values.ts';
import { notificationCenter } from './notification-center.ts';
import type { InstalledApp, Phone, PhoneCondition, PhoneIdentity } from './phone.ts';
import { Presence } from './presence.ts';
import { type OwnerKind, presentOwner } from './present-owner.ts';
import { Prompts } from './prompts.ts';
import { TrustTable } from './trust-table.ts';
import { wifiLabel } from './wifi-label.ts';

/** Source: design of the simulator; a real phone takes half a minute. */
const RESTART_MS = 2000;

/** Somebody who is present unlocks a phone that has just restarted. */
const UNLOCK_AFTER_RESTART_MS = 500;

const HARDWARE_KEY_BYTES = 32;

/** What an erased phone calls itself. */
const NAME_AFTER_ERASE = 'iPhone';

export interface PhoneParts {
  readonly seed: string;
  readonly identity: PhoneIdentity;
  readonly model: Model;
  readonly system: System;
  readonly deviceKey: DeviceKey;
  readonly clock: Clock;
  readonly owner: OwnerKind;
  readonly condition: PhoneCondition;
  readonly encryption: BackupEncryption | undefined;
  readonly files: PhoneFileSystem;
  readonly apps: readonly InstalledApp[];
  /** Makes the disk of a phone that was just erased. */
  readonly fillErased: () => Promise<FilledPhone>;
  /** Where the state is kept; nothing is kept if absent. */
  readonly stateFolder: string | undefined;
}

/** A phone made of software: what its services, its multiplexer and its owner share. */
export class SimulatedPhone implements Phone {
  readonly model: Model;
  readonly system: System;
  readonly deviceKey: DeviceKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly condition: PhoneCondition;
  readonly hardwareKey: Uint8Array;
  encryption: BackupEncryption | undefined;
  /** What is to go wrong on it. */
  readonly faults = new PhoneFaults();
  readonly notifications = notificationCenter();
  readonly presence = new Presence();
  readonly trust = new TrustTable();
  readonly owner: Prompts;
  readonly values: StoredValues;
  /** What services do while the phone starts again, before anybody can connect. */
  readonly bootTasks: (() => Promise<void>)[] = [];
  /** Protected data is shut from boot until the passcode was entered once. */
  unlockedSinceBoot = true;
  readonly #parts: PhoneParts;
  readonly #stopped = new AbortController();
  readonly #sendOwnerAway: () => void;
  #files: PhoneFileSystem;
  #apps: readonly InstalledApp[];
  #restarting: Promise<void> | undefined;
  #boots = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: PhoneParts) {
    this.#parts = parts;
    this.model = parts.model;
    this.system = parts.system;
    this.deviceKey = parts.deviceKey;
    this.clock = this.faults.clockOn(parts.clock);
    this.random = seededRandom(`phone/${parts.seed}`);
    this.condition = parts.condition;
    this.hardwareKey = seededRandom(`hardware key/${parts.identity.udid}`).bytes(HARDWARE_KEY_BYTES);
    this.encryption = parts.encryption;
    this.#files = parts.files;
    this.#apps = parts.apps;
    const passcode = (): string | undefined => this.condition.passcode;
    this.owner = new Prompts({ clock: this.clock, notifications: this.notifications, passcode });
    this.#sendOwnerAway = presentOwner({
      kind: parts.owner,
      prompts: this.owner,
      clock: this.clock,
      passcode,
    });
    this.values = this.#makeValues();
  }

  get identity(): PhoneIdentity {
    const deviceName = asString(this.values.get('', 'DeviceName')) ?? this.#parts.identity.deviceName;
    return { ...this.#parts.identity, deviceName };
  }

  get behaviour(): SystemBehaviour {
    return this.system.behaviour;
  }

  /** How it calls itself on Wi-Fi, from the last start to the next. */
  get wifiLabel(): string {
    return wifiLabel(this.#parts.identity, this.behaviour, this.#boots);
  }

  get files(): PhoneFileSystem {
    return this.#files;
  }

  get apps(): readonly InstalledApp[] {
    return this.#apps;
  }

  setApps(apps: readonly InstalledApp[]): void {
    this.#apps = apps;
  }

  lock(): void {
    this.condition.locked = true;
  }

  unlock(): void {
    this.condition.locked = false;
    this.unlockedSinceBoot = true;
  }

  restart(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  shutDown(): void {
    this.presence.setRunning(false);
    this.#forgetBoot();
  }

  /** Starts a phone that was shut down; one that runs stays as it is. */
  async start(): Promise<void> {
    if (!this.presence.running && !this.#restarting) await this.#boot();
  }

  async erase(): Promise<void> {
    this.presence.setRunning(false);
    const filled = await this.#parts.fillErased();
    this.#files = filled.files;
    this.#apps = filled.apps;
    this.trust.clear();
    this.values.clear();
    this.encryption = undefined;
    this.values.set('', 'DeviceName', NAME_AFTER_ERASE);
    Object.assign(this.condition, {
      setUp: false,
      passcode: undefined,
      findMy: false,
      locked: false,
      requiresEncryption: false,
    });
    await this.save();
    await this.restart();
  }

  /** Calls that overlap are done one after the other; each saves what is true when its turn comes. */
  save(): Promise<void> {
    const folder = this.#parts.stateFolder;
    if (folder === undefined) return Promise.resolve();
    const saved = this.#saving.then(() => this.#saveTo(folder));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /** Ends restarts and prompts that wait for time to pass. Connections are the multiplexer's. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#sendOwnerAway();
    await this.#restarting;
    await this.#saving;
  }

  async #restart(): Promise<void> {
    this.presence.setRunning(false);
    this.#forgetBoot();
    await this.save();
    await this.clock.sleep(RESTART_MS, this.#stopped.signal);
    await this.#boot();
  }

  async #boot(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    for (const task of this.bootTasks) await task().catch(() => {});
    this.condition.restorePending = false;
    this.#boots += 1;
    this.presence.setRunning(true);
    void this.#greetOwner();
  }

  /** What does not survive a boot. Source: device-protocols, section 9.5: the remedy for errors 3 and 102. */
  #forgetBoot(): void {
    this.condition.locked = this.condition.passcode !== undefined;
    this.unlockedSinceBoot = this.condition.passcode === undefined;
    this.condition.leftoverSnapshot = false;
  }

  async #greetOwner(): Promise<void> {
    if (this.#parts.owner === 'absent') return;
    await this.clock.sleep(UNLOCK_AFTER_RESTART_MS, this.#stopped.signal);
    if (!this.#stopped.signal.aborted && this.presence.running) this.unlock();
  }

  async #saveTo(folder: string): Promise<void> {
    await this.#files.save();
    await saveSavedPhone(folder, {
      seed: this.#parts.seed,
      productType: this.model.productType,
      productVersion: this.system.productVersion,
      condition: this.condition,
      unlockedSinceBoot: this.unlockedSinceBoot,
      values: this.values.stored(),
      trusted: this.trust.list(),
      devicePrivateKeyPem: deviceKeyToPem(this.deviceKey),
      apps: this.#apps,
      encryption: this.encryption,
    });
  }

  #makeValues(): StoredValues {
    const { identity, model, system, deviceKey } = this.#parts;
    const domainFacts = () => ({
      identity,
      system,
      condition: this.condition,
      files: this.#files,
      boots: this.#boots,
    });
    const noDomain = () =>
      noDomainValues({
        identity,
        model,
        condition: this.condition,
        devicePublicPem: deviceKey.publicPem,
        now: this.clock.now(),
        trusted: this.trust.list().length > 0,
      });
    return new StoredValues(
      (domain) =>
        this.faults.changeValues(domain, domain === '' ? noDomain() : domainValues(domain, domainFacts())),
      (domain, key) => hiddenValue(domain, key, domainFacts()),
    );
  }
}
