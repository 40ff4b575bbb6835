import type { Verdict } from '@rootcellar/backup';

/** Everything the rules look at, gathered before; so that they need no phone to be tested. */
export interface RestoreFacts {
  readonly backup: BackupFacts;
  readonly device: DeviceFacts;
  readonly hasPassword: boolean;
}

export interface BackupFacts {
  readonly verdict: Verdict;
  /** Of the device it was made from. */
  readonly deviceName: string | undefined;
  readonly takenAt: Date | undefined;
  readonly files: number;
  /** Files of another length than the list of files says; some phones write such lists. */
  readonly otherLengths: number;
  /** Of the device it was made from; `undefined` where the backup does not say. */
  readonly udid: string | undefined;
  readonly productType: string | undefined;
  readonly productVersion: string | undefined;
  readonly encrypted: boolean;
  readonly bytes: number;
  readonly apps: readonly string[];
  /** Files by domain; empty if the manifest cannot be read. */
  readonly filesByDomain: ReadonlyMap<string, number>;
  /** Well-known files that are in it: `HomeDomain/Library/SMS/sms.db`. */
  readonly has: (domain: string, relativePath: string) => boolean;
}

export interface DeviceFacts {
  readonly udid: string;
  readonly name: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly connection: 'usb' | 'wifi';
  /** Only `true` is certain: devices often do not tell. Source: observed §5.4. */
  readonly findMyOn: boolean;
  /** An organisation wants its backups encrypted. */
  readonly requiresEncryption: boolean;
  /** `undefined` where the device does not say. */
  readonly freeBytes: number | undefined;
  readonly batteryPercent: number | undefined;
  readonly onPower: boolean;
}
