import type { PlistDict, PlistValue } from '@rootcellar/codecs';
import type { Clock, Random } from '@rootcellar/core';
import type { SystemBehaviour } from '../devices/system-behaviour.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import type { BackupEncryption } from './backup-encryption.ts';

/** One simulated iPhone, as its services see it. */
export interface Phone {
  readonly identity: PhoneIdentity;
  /** What its system does differently from others. */
  readonly behaviour: SystemBehaviour;
  readonly files: PhoneFileSystem;
  readonly apps: readonly InstalledApp[];
  readonly notifications: NotificationCenter;
  readonly owner: Owner;
  readonly values: LockdownValues;
  readonly clock: Clock;
  readonly random: Random;
  /** State of the phone as a whole; changed by the owner (control API) and by the agents. */
  readonly condition: PhoneCondition;
  /** Burnt into the chip: survives everything, and never leaves it. 32 bytes. */
  readonly hardwareKey: Uint8Array;
  /** The password of its backups, and the keys it locks; `undefined` while they have none. */
  encryption: BackupEncryption | undefined;

  /** Installs or removes apps as a restore decides; `undefined` metadata keeps what was there. */
  setApps(apps: readonly InstalledApp[]): void;
  /** Closes every connection, is gone for 2 s, and comes back under a new DeviceID. */
  restart(): Promise<void>;
  /** Closes every connection and stays off until it is plugged in again. */
  shutDown(): void;
  /** Erases all content and settings, trust included; then restarts into Hello. */
  erase(): Promise<void>;
  /** Durable state, when the simulator was started with `--state`. */
  save(): Promise<void>;
}

export interface PhoneIdentity {
  /** The chip (`00008120-` is an A16) and 16 upper-case hex digits, which are the ECID. */
  readonly udid: string;
  readonly ecid: bigint;
  readonly serialNumber: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly buildVersion: string;
  readonly deviceName: string;
  readonly wifiAddress: string;
}

export interface PhoneCondition {
  /** False from an erase until setup is done or a restore has brought a set-up system back. */
  setUp: boolean;
  locked: boolean;
  passcode: string | undefined;
  findMy: boolean;
  batteryPercent: number;
  onPower: boolean;
  /** An APFS snapshot left behind by a backup whose host vanished; the next one then ends with 3. */
  leftoverSnapshot: boolean;
  /** A profile of its organisation forbids backups without a password. */
  requiresEncryption: boolean;
  /** A restore that waits for its restart; a second one before it ends with 102. */
  restorePending: boolean;
}

/** Prompts that only the person holding the phone can answer. */
export interface Owner {
  /**
   * Shows the passcode screen. `entered` when the right passcode was typed, `ignored` after
   * three minutes, `cancelled` when the owner taps Cancel. Resolves `entered` at once when the
   * phone has no passcode. Relays `com.apple.LocalAuthentication.ui.presented` and `.dismissed`.
   */
  askPasscode(reason: PasscodeReason, signal: AbortSignal): Promise<'entered' | 'ignored' | 'cancelled'>;
}

export type PasscodeReason = 'backup' | 'backup-password' | 'restore' | 'trust';

/** Darwin notifications: what services post and what notification_proxy relays. */
export interface NotificationCenter {
  post(name: string): void;
  /** @returns how to stop listening */
  listen(listener: (name: string) => void): () => void;
}

/** What lockdown's GetValue and SetValue see; `''` is the domain without a name. */
export interface LockdownValues {
  domain(name: string): PlistDict;
  get(domain: string, key: string): PlistValue | undefined;
  set(domain: string, key: string, value: PlistValue): void;
  remove(domain: string, key: string): void;
}

export interface InstalledApp {
  readonly bundleID: string;
  readonly displayName: string;
  readonly version: string;
  /** `User` apps are in Info.plist and come back from the App Store; system apps are not listed. */
  readonly kind: 'User' | 'System';
  /** App Group and plug-in containers that belong to it. */
  readonly groups: readonly string[];
  readonly plugins: readonly string[];
  readonly containerUUID: string;
  /** FairPlay and store blobs that a restore sends back; absent for sideloaded apps. */
  readonly sinf?: Uint8Array;
  readonly metadata?: Uint8Array;
  readonly iconPng?: Uint8Array;
}
