/**
 * Everything that a restore plan can say, by code: the reasons of its rules, what comes back, what stays behind. Codes are
 * stable for ever; wording is not. `{name}` is replaced by the detail of that name.
 */
export const PLAN_SENTENCES = {
  'backup-damaged': 'The backup is damaged: files are missing or changed. Choose another.',
  'backup-incomplete': 'The backup was not finished. Finish it with the iPhone, or choose another.',
  'backup-unverified': 'Not everything in the backup could be checked: rootcellar verify says what.',
  'backup-locked': 'The backup is encrypted: what is in it could not be checked without its password.',
  'lengths-differ':
    'Files of another length than the backup says: {files}. They may be damaged; rootcellar verify names them.',
  'newer-system':
    'The backup was made with iOS {backupVersion}, the iPhone has {deviceVersion}. Update the iPhone first.',
  'find-my-on': 'Find My is on. On the iPhone: Settings, your name, Find My; switch it off for the restore.',
  'find-my-unknown': 'If Find My is on after all, the iPhone will refuse before anything is changed.',
  'password-needed': 'The backup is encrypted. Give its password to restore it.',
  'encryption-required':
    'The organisation that manages this iPhone allows encrypted backups only, and this one is not encrypted.',
  'cable-needed': 'Connect the iPhone with a cable: restoring over Wi-Fi is not proven.',
  'no-room': 'The iPhone may not have enough room. If it says so, erase it first or choose a smaller backup.',
  'battery-low': 'The battery is at {percent} %. Connect the iPhone to power.',
  'other-device':
    'This is the backup of another device than {name}. Passwords bound to that device do not come back.',
  'other-kind': 'The backup is of another kind of device: what only that kind has does not come back.',

  'not-seen-yet': 'Everything in this backup; what that is cannot be seen yet.',
  'encrypted-too': 'Saved passwords, Wi-Fi networks and Health too, because this backup is encrypted',
  passwords: 'Saved passwords',
  wifi: 'Wi-Fi networks',
  'one-photo': 'One photo or video',
  photos: 'Photos and videos ({files} files)',
  messages: 'Messages',
  contacts: 'Contacts',
  calls: 'Call history',
  calendars: 'Calendars',
  notes: 'Notes',
  safari: 'Safari history and bookmarks',
  voicemail: 'Voicemail',
  health: 'Health',
  'one-app': 'Data of 1 app',
  apps: 'Data of {apps} apps',
  settings: 'Settings and the home screen',

  'unlock-methods': 'Face ID or Touch ID, and the passcode: set them up again',
  'wallet-cards': 'Cards in Wallet: add them again',
  'store-media': 'Music, films and books from the store: download them again',
  'encrypted-only': 'Saved passwords, Wi-Fi networks and Health: they are in encrypted backups only',
} as const;

export type PlanCode = keyof typeof PLAN_SENTENCES;

type NamesIn<Sentence extends string> = Sentence extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** What the sentence of a code has gaps for: no more, and no less. */
export type PlanDetails<Code extends PlanCode> = Readonly<
  Record<NamesIn<(typeof PLAN_SENTENCES)[Code]>, string | number>
>;

/** One thing that a plan says, for whoever tells it in other words, and in English. */
export interface PlanLine {
  readonly code: PlanCode;
  readonly details: Readonly<Record<string, string | number>>;
  readonly sentence: string;
}

export function planLine<Code extends PlanCode>(code: Code, details: PlanDetails<Code>): PlanLine {
  const values: PlanLine['details'] = details;
  const sentence = PLAN_SENTENCES[code].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  return { code, details: values, sentence };
}
