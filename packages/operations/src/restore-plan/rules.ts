import type { RestoreFacts } from './facts.ts';
import { type PlanCode, type PlanDetails, type PlanLine, planLine } from './plan-line.ts';

export type RuleEffect = 'blocks' | 'warns' | 'informs';

interface RuleOf<Code extends PlanCode, Answer> {
  readonly code: Code;
  readonly effect: RuleEffect;
  readonly source: string;
  /** @returns `undefined` if the rule does not apply */
  readonly applies: (facts: RestoreFacts) => Answer | undefined;
}

type Rule = RuleOf<PlanCode, PlanLine>;

/** A rule gives the details; what is said with them stands with the other sentences. */
function rule<const Code extends PlanCode>({ applies, ...about }: RuleOf<Code, PlanDetails<Code>>): Rule {
  return {
    ...about,
    applies: (facts) => {
      const details = applies(facts);
      return details && planLine(about.code, details);
    },
  };
}

/** Below this a restore of an hour may end in the middle. Our choice: no number is published. */
const BATTERY_PERCENT_MIN = 20;

/** In the order they are shown: what stops everything first. */
export const RULES: readonly Rule[] = [
  rule({
    code: 'backup-damaged',
    effect: 'blocks',
    source: 'phones end such a restore with MBErrorDomain 205',
    applies: ({ backup }) => when(backup.verdict === 'damaged'),
  }),
  rule({
    code: 'backup-incomplete',
    effect: 'blocks',
    source: 'Status.plist, SnapshotState; idevicebackup2 refuses likewise',
    applies: ({ backup }) => when(backup.verdict === 'incomplete'),
  }),
  rule({
    code: 'backup-unverified',
    effect: 'warns',
    source: 'what verifying the backup has found',
    applies: ({ backup }) => when(isOpenQuestion(backup) && !backup.encrypted),
  }),
  rule({
    code: 'backup-locked',
    effect: 'warns',
    source: 'what verifying the backup has found',
    applies: ({ backup }) => when(isOpenQuestion(backup) && backup.encrypted),
  }),
  rule({
    code: 'lengths-differ',
    effect: 'warns',
    source: 'public readers of backups report it for databases; for other files it can be damage',
    applies: ({ backup }) => when(backup.otherLengths > 0, { files: backup.otherLengths }),
  }),
  rule({
    code: 'newer-system',
    effect: 'blocks',
    source: 'Apple support: a backup needs the same or a newer iOS',
    applies: ({ backup: { productVersion: backupVersion }, device: { productVersion: deviceVersion } }) =>
      backupVersion !== undefined && compareVersions(backupVersion, deviceVersion) > 0
        ? { backupVersion, deviceVersion }
        : undefined,
  }),
  rule({
    code: 'find-my-on',
    effect: 'blocks',
    source: 'phones refuse with MBErrorDomain 211',
    applies: ({ device }) => when(device.findMyOn),
  }),
  rule({
    code: 'password-needed',
    effect: 'blocks',
    source: 'libimobiledevice, idevicebackup2, restore option --password',
    applies: ({ backup, hasPassword }) => when(backup.encrypted && !hasPassword),
  }),
  rule({
    code: 'encryption-required',
    effect: 'blocks',
    source: 'CowabungaLite issue 15: MBErrorDomain 1 with 22',
    applies: ({ backup, device }) => when(device.requiresEncryption && !backup.encrypted),
  }),
  rule({
    code: 'cable-needed',
    effect: 'blocks',
    source: 'nobody was found to have shown it',
    applies: ({ device }) => when(device.connection === 'wifi'),
  }),
  rule({
    code: 'no-room',
    effect: 'warns',
    source: 'libimobiledevice issue 460: MBErrorDomain 105, old content is not counted as freed',
    applies: ({ backup, device: { freeBytes } }) =>
      when(freeBytes !== undefined && freeBytes > 0 && freeBytes < backup.bytes),
  }),
  rule({
    code: 'battery-low',
    effect: 'warns',
    source: 'our choice; a restore of a full phone takes an hour',
    applies: ({ device: { batteryPercent: percent = 100, onPower } }) =>
      when(percent < BATTERY_PERCENT_MIN && !onPower, { percent }),
  }),
  rule({
    code: 'other-device',
    effect: 'warns',
    source: 'keychain classes ThisDeviceOnly; Apple support pages',
    applies: ({ backup, device: { udid, name } }) =>
      when(backup.udid !== undefined && backup.udid.toUpperCase() !== udid.toUpperCase(), { name }),
  }),
  rule({
    code: 'other-kind',
    effect: 'warns',
    source: 'libimobiledevice issues 429 and 659: works both ways, but not everything moves',
    applies: ({ backup, device }) =>
      when(backup.productType !== undefined && kindOf(backup.productType) !== kindOf(device.productType)),
  }),
  rule({
    code: 'find-my-unknown',
    effect: 'informs',
    source: 'libimobiledevice issue 1489: lockdown does not always know',
    applies: ({ device }) => when(!device.findMyOn),
  }),
];

/** @returns a negative number if `a` is the older one; "17.1" equals "17.1.0" */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

/** "iPhone15,2" → "iPhone". */
function kindOf(productType: string): string {
  return /^[A-Za-z]*/.exec(productType)?.[0] ?? '';
}

/** Of a file of another length more is known than that it could not be checked. */
function isOpenQuestion({ verdict, otherLengths }: RestoreFacts['backup']): boolean {
  return verdict === 'cannot-tell' && otherLengths === 0;
}

function when(condition: boolean): Readonly<Record<never, never>> | undefined;
function when<Details>(condition: boolean, details: Details): Details | undefined;
function when(condition: boolean, details: unknown = {}): unknown {
  return condition ? details : undefined;
}
