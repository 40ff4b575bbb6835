import type { RestoreFacts } from './facts.ts';

export type RuleEffect = 'blocks' | 'warns' | 'informs';

interface Rule {
  readonly code: string;
  readonly effect: RuleEffect;
  readonly source: string;
  /** @returns the sentence for the owner, or `undefined` if the rule does not apply */
  readonly applies: (facts: RestoreFacts) => string | undefined;
}

/** Below this a restore of an hour may end in the middle. Our choice: no number is published. */
const BATTERY_PERCENT_MIN = 20;

/** In the order they are shown: what stops everything first. */
export const RULES: readonly Rule[] = [
  {
    code: 'backup-damaged',
    effect: 'blocks',
    source: 'phones end such a restore with MBErrorDomain 205',
    applies: ({ backup }) =>
      when(
        backup.verdict === 'damaged',
        'The backup is damaged: files are missing or changed. Choose another.',
      ),
  },
  {
    code: 'backup-incomplete',
    effect: 'blocks',
    source: 'Status.plist, SnapshotState; idevicebackup2 refuses likewise',
    applies: ({ backup }) =>
      when(
        backup.verdict === 'incomplete',
        'The backup was not finished. Finish it with the iPhone, or choose another.',
      ),
  },
  {
    code: 'backup-unverified',
    effect: 'warns',
    source: 'what verifying the backup has found',
    applies: ({ backup }) =>
      when(
        backup.verdict === 'cannot-tell' && backup.otherLengths === 0,
        backup.encrypted
          ? 'The backup is encrypted: what is in it could not be checked without its password.'
          : 'Not everything in the backup could be checked: rootcellar verify says what.',
      ),
  },
  {
    code: 'lengths-differ',
    effect: 'warns',
    source: 'public readers of backups report it for databases; for other files it can be damage',
    applies: ({ backup }) =>
      when(
        backup.otherLengths > 0,
        `${backup.otherLengths} files have another length than the backup says. They may be damaged; rootcellar verify names them.`,
      ),
  },
  {
    code: 'newer-system',
    effect: 'blocks',
    source: 'Apple support: a backup needs the same or a newer iOS',
    applies: ({ backup, device }) =>
      when(
        backup.productVersion !== undefined &&
          compareVersions(backup.productVersion, device.productVersion) > 0,
        `The backup was made with iOS ${backup.productVersion}, the iPhone has ${device.productVersion}. Update the iPhone first.`,
      ),
  },
  {
    code: 'find-my-on',
    effect: 'blocks',
    source: 'phones refuse with MBErrorDomain 211',
    applies: ({ device }) =>
      when(
        device.findMyOn,
        'Find My is on. On the iPhone: Settings, your name, Find My; switch it off for the restore.',
      ),
  },
  {
    code: 'password-needed',
    effect: 'blocks',
    source: 'libimobiledevice, idevicebackup2, restore option --password',
    applies: ({ backup, hasPassword }) =>
      when(backup.encrypted && !hasPassword, 'The backup is encrypted. Give its password to restore it.'),
  },
  {
    code: 'encryption-required',
    effect: 'blocks',
    source: 'CowabungaLite issue 15: MBErrorDomain 1 with 22',
    applies: ({ backup, device }) =>
      when(
        device.requiresEncryption && !backup.encrypted,
        'The organisation that manages this iPhone allows encrypted backups only, and this one is not encrypted.',
      ),
  },
  {
    code: 'cable-needed',
    effect: 'blocks',
    source: 'nobody was found to have shown it',
    applies: ({ device }) =>
      when(
        device.connection === 'wifi',
        'Connect the iPhone with a cable: restoring over Wi-Fi is not proven.',
      ),
  },
  {
    code: 'no-room',
    effect: 'warns',
    source: 'libimobiledevice issue 460: MBErrorDomain 105, old content is not counted as freed',
    applies: ({ backup, device }) =>
      when(
        device.freeBytes !== undefined && device.freeBytes > 0 && device.freeBytes < backup.bytes,
        'The iPhone may not have enough room. If it says so, erase it first or choose a smaller backup.',
      ),
  },
  {
    code: 'battery-low',
    effect: 'warns',
    source: 'our choice; a restore of a full phone takes an hour',
    applies: ({ device }) =>
      when(
        (device.batteryPercent ?? 100) < BATTERY_PERCENT_MIN && !device.onPower,
        `The battery is at ${device.batteryPercent} %. Connect the iPhone to power.`,
      ),
  },
  {
    code: 'other-device',
    effect: 'warns',
    source: 'keychain classes ThisDeviceOnly; Apple support pages',
    applies: ({ backup, device }) =>
      when(
        backup.udid !== undefined && backup.udid.toUpperCase() !== device.udid.toUpperCase(),
        `This is the backup of ${backup.deviceName ?? 'another device'}, not of ${device.name}. ` +
          'Passwords bound to that device do not come back.',
      ),
  },
  {
    code: 'other-kind',
    effect: 'warns',
    source: 'libimobiledevice issues 429 and 659: works both ways, but not everything moves',
    applies: ({ backup, device }) =>
      when(
        backup.productType !== undefined && kindOf(backup.productType) !== kindOf(device.productType),
        'The backup is of another kind of device: what only that kind has does not come back.',
      ),
  },
  {
    code: 'find-my-unknown',
    effect: 'informs',
    source: 'libimobiledevice issue 1489: lockdown does not always know',
    applies: ({ device }) =>
      when(
        !device.findMyOn,
        'If Find My is on after all, the iPhone will refuse before anything is changed.',
      ),
  },
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

function when(condition: boolean, sentence: string): string | undefined {
  return condition ? sentence : undefined;
}
