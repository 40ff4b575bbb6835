import type { RestoreFacts } from './facts.ts';

/** A kind of things that a restore brings back, in the owner's words. */
export type ComesBack = string;

/** Source: backup-format §6.2. */
const WELL_KNOWN = [
  ['Messages', 'HomeDomain', 'Library/SMS/sms.db'],
  ['Contacts', 'HomeDomain', 'Library/AddressBook/AddressBook.sqlitedb'],
  ['Call history', 'HomeDomain', 'Library/CallHistoryDB/CallHistory.storedata'],
  ['Calendars', 'HomeDomain', 'Library/Calendar/Calendar.sqlitedb'],
  ['Notes', 'AppDomainGroup-group.com.apple.notes', 'NoteStore.sqlite'],
  ['Safari history and bookmarks', 'HomeDomain', 'Library/Safari/History.db'],
  ['Voicemail', 'HomeDomain', 'Library/Voicemail/voicemail.db'],
  ['Health', 'HealthDomain', 'Health/healthdb.sqlite'],
] as const;

const PHOTOS_DOMAIN = 'CameraRollDomain';
const SETTINGS_DOMAIN = 'HomeDomain';
const APP_DOMAIN = /^AppDomain-/;

/** What can be seen in the manifest; an encrypted one tells nothing before its password is known. */
export function whatComesBack({ backup }: RestoreFacts): readonly ComesBack[] {
  if (backup.filesByDomain.size === 0) return ['Everything in this backup; what that is cannot be seen yet.'];
  const kinds: string[] = [];
  const photos = backup.filesByDomain.get(PHOTOS_DOMAIN) ?? 0;
  if (photos > 0) kinds.push(`Photos and videos (${photos} files)`);
  for (const [name, domain, path] of WELL_KNOWN) if (backup.has(domain, path)) kinds.push(name);
  const apps = [...backup.filesByDomain.keys()].filter((domain) => APP_DOMAIN.test(domain)).length;
  if (apps > 0) kinds.push(`Data of ${apps} ${apps === 1 ? 'app' : 'apps'}`);
  if (backup.filesByDomain.has(SETTINGS_DOMAIN)) kinds.push('Settings and the home screen');
  return kinds;
}

/** Source: public support pages; backup-format §5.9 and §7. */
export function whatStaysBehind({ backup }: RestoreFacts): readonly string[] {
  const always = [
    'Face ID or Touch ID, and the passcode: set them up again',
    'Cards in Wallet: add them again',
    'Music, films and books from the store: download them again',
  ];
  if (backup.encrypted) return always;
  return [...always, 'Saved passwords, Wi-Fi networks and Health: they are in encrypted backups only'];
}
