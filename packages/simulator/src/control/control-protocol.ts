import type { ArmedFault } from '../faults/phone-faults.ts';
import type { LivedDays, LivedKind } from '../life/live-days.ts';
import type { Prompt } from '../phone/prompts.ts';

/*
 * What crosses the control address, as JSON. Paths:
 *
 *   GET    /phones                          → PhonesAnswer
 *   GET    /phones/UDID                     → PhoneAnswer
 *   POST   /phones/UDID/ACTION              ActionBody → PhoneAnswer
 *   GET    /phones/UDID/files[?root=PATH]   → FilesAnswer
 *   GET    /phones/UDID/file?path=PATH      → the content
 *   PUT    /phones/UDID/file?path=PATH      the content → NodeAnswer
 *   DELETE /phones/UDID/file?path=PATH      → {}
 *   GET    /faults                          → FaultKindsAnswer
 *   GET    /phones/UDID/faults              → FaultsAnswer
 *   POST   /phones/UDID/faults              FaultBody → FaultsAnswer
 *   DELETE /phones/UDID/faults[?name=NAME]  → FaultsAnswer
 *   POST   /phones/UDID/live                LiveBody → LiveAnswer
 *   POST   /phones/UDID/rename              RenameBody → {}
 *   POST   /phones/UDID/attributes          AttributesBody → NodeAnswer
 *
 * Refusals carry `ControlRefusal`, with status 400, 403, 404, 409 or 413.
 */

export interface PhoneSummary {
  readonly udid: string;
  readonly name: string;
  readonly productType: string;
  readonly productVersion: string;
}

export interface PhonesAnswer {
  readonly phones: readonly PhoneSummary[];
}

export interface PhoneAnswer extends PhoneSummary {
  readonly condition: PhoneConditionAnswer;
  /** What is on the screen and waits for the owner. */
  readonly prompt: Prompt | null;
  /** HostIDs of the computers it trusts. */
  readonly trusts: readonly string[];
}

export interface PhoneConditionAnswer {
  readonly running: boolean;
  readonly plugged: boolean;
  readonly onWifi: boolean;
  readonly setUp: boolean;
  readonly locked: boolean;
  readonly unlockedSinceBoot: boolean;
  readonly hasPasscode: boolean;
  readonly findMy: boolean;
  readonly batteryPercent: number;
  readonly onPower: boolean;
  readonly freeBytes: number;
  readonly leftoverSnapshot: boolean;
  readonly restorePending: boolean;
  /** Does its organisation forbid backups without a password? */
  readonly requiresEncryption: boolean;
  /** Do its backups have a password? It is never told. */
  readonly encryptsBackups: boolean;
}

/** What the person who holds the phone can do. */
export const ACTIONS = [
  'trust',
  'deny',
  'passcode',
  'cancel-prompt',
  'lock',
  'unlock',
  'plug',
  'unplug',
  'join-wifi',
  'leave-wifi',
  'cancel-sync',
  'restart',
  'reset-settings',
  'erase',
  'set',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Body of `passcode`. */
export interface PasscodeBody {
  readonly code: string;
}

/** Body of `set`; what is absent stays as it is. */
export interface SetBody {
  readonly findMy?: boolean;
  readonly batteryPercent?: number;
  readonly onPower?: boolean;
  /** `null` switches the passcode off. */
  readonly passcode?: string | null;
  readonly setUp?: boolean;
  readonly leftoverSnapshot?: boolean;
  /** Installs or removes a profile of its organisation that forbids backups without a password. */
  readonly requiresEncryption?: boolean;
  /** What is free on the phone; other content of its owner takes the rest. `null` gives it all back. */
  readonly freeBytes?: number | null;
}

/** A fault that could be armed. */
export interface FaultKind {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** How often it strikes unless told otherwise; 0 is for as long as it is armed. */
  readonly times: number;
  readonly parameters: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly default: number | string;
        readonly min?: number;
        readonly max?: number;
        readonly choices?: readonly string[];
      }
    >
  >;
}

export interface FaultKindsAnswer {
  readonly faults: readonly FaultKind[];
}

/** Arms a fault; one of the same name is replaced. What is absent has its default. */
export interface FaultBody {
  readonly name: string;
  /** The same seed strikes in the same places. */
  readonly seed?: string;
  readonly times?: number;
  readonly parameters?: Readonly<Record<string, number | string>>;
}

/** What is armed on a phone, and how often it has struck. */
export interface FaultsAnswer {
  readonly faults: readonly ArmedFault[];
}

/** A file, folder or link with everything a backup keeps of it. */
export interface NodeAnswer {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly permissions: number;
  readonly userID: number;
  readonly groupID: number;
  readonly modifiedAt: number;
  readonly changedAt: number;
  readonly bornAt: number;
  readonly protectionClass: number;
  readonly flags: number;
  /** Base64 by name. */
  readonly extendedAttributes: Readonly<Record<string, string>>;
  readonly inode: number;
  readonly sizeBytes: number;
  /** Of a file: SHA-256 of the content, in hex. */
  readonly sha256?: string;
  readonly target?: string;
}

export interface FilesAnswer {
  readonly files: readonly NodeAnswer[];
}

/** Lets days pass in which the phone is used; one unless given. */
export interface LiveBody {
  readonly days?: number;
  /** Nothing but this happens. */
  readonly only?: LivedKind;
}

export type LiveAnswer = LivedDays;

export interface RenameBody {
  readonly from: string;
  readonly to: string;
}

/** What is absent stays as it is. */
export interface AttributesBody {
  readonly path: string;
  readonly permissions?: number;
  readonly userID?: number;
  readonly groupID?: number;
  readonly modifiedAt?: number;
  readonly changedAt?: number;
  readonly bornAt?: number;
  readonly protectionClass?: number;
  readonly flags?: number;
  /** Base64 by name; replaces all of them. */
  readonly extendedAttributes?: Readonly<Record<string, string>>;
}

export interface ControlRefusal {
  readonly error: {
    readonly code:
      | 'not-local'
      | 'foreign-origin'
      | 'no-such-page'
      | 'no-such-phone'
      | 'no-such-file'
      | 'no-such-fault'
      | 'bad-request'
      | 'too-large'
      | 'not-asked'
      | 'wrong-passcode'
      | 'failed';
    readonly message: string;
  };
}
