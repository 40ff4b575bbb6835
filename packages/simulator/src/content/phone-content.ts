import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import type { InstalledApp } from '../phone/phone.ts';

/** What a phone holds when it is switched on for the first time in a test. */
export interface PhoneContent {
  readonly apps: readonly InstalledApp[];
  /** Fills an empty disk. */
  fill(files: PhoneFileSystem): void;
}

export interface ContentOptions {
  /** Who the owner is and what there is: the same seed and clock give the same phone. */
  readonly seed: string | number;
  /** The youngest thing on the phone is a minute old. */
  readonly now: Date;
  /** Decides on the schemas of databases. iOS 17.6 is 17.06; the newest unless given. */
  readonly system?: number | undefined;
  /** A part of the profile's files and bytes: 64 is a sixty-fourth. All of them unless given. */
  readonly divisor?: number | undefined;
}
