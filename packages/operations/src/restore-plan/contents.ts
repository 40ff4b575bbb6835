import type { RestoreFacts } from './facts.ts';
import { type PlanLine, planLine } from './plan-line.ts';

/** Source: backup-format §6.2. */
const WELL_KNOWN = [
  ['messages', 'HomeDomain', 'Library/SMS/sms.db'],
  ['contacts', 'HomeDomain', 'Library/AddressBook/AddressBook.sqlitedb'],
  ['calls', 'HomeDomain', 'Library/CallHistoryDB/CallHistory.storedata'],
  ['calendars', 'HomeDomain', 'Library/Calendar/Calendar.sqlitedb'],
  ['notes', 'AppDomainGroup-group.com.apple.notes', 'NoteStore.sqlite'],
  ['safari', 'HomeDomain', 'Library/Safari/History.db'],
  ['voicemail', 'HomeDomain', 'Library/Voicemail/voicemail.db'],
  ['health', 'HealthDomain', 'Health/healthdb.sqlite'],
] as const;

/** Of these a plain backup holds nothing that another phone can use. Source: backup-format §5.9, §7. */
const ENCRYPTED_ONLY = [
  ['passwords', 'KeychainDomain', ['keychain-backup.plist']],
  [
    'wifi',
    'SystemPreferencesDomain',
    ['com.apple.wifi.known-networks.plist', 'SystemConfiguration/com.apple.wifi.plist'],
  ],
] as const;

const PHOTOS_DOMAIN = 'CameraRollDomain';
const SETTINGS_DOMAIN = 'HomeDomain';
const APP_DOMAIN = /^AppDomain-/;

/** The kinds of things that can be seen in the manifest; an encrypted one tells nothing before its password is known. */
export function whatComesBack({ backup }: RestoreFacts): readonly PlanLine[] {
  if (backup.filesByDomain.size === 0) {
    const unseen = planLine('not-seen-yet', {});
    return backup.encrypted ? [unseen, planLine('encrypted-too', {})] : [unseen];
  }
  const kinds: PlanLine[] = [];
  const files = backup.filesByDomain.get(PHOTOS_DOMAIN) ?? 0;
  if (files > 0) kinds.push(files === 1 ? planLine('one-photo', {}) : planLine('photos', { files }));
  for (const [code, domain, path] of WELL_KNOWN) if (backup.has(domain, path)) kinds.push(planLine(code, {}));
  const more = backup.encrypted ? ENCRYPTED_ONLY : [];
  for (const [code, domain, paths] of more)
    if (paths.some((path) => backup.has(domain, path))) kinds.push(planLine(code, {}));
  const apps = [...backup.filesByDomain.keys()].filter((domain) => APP_DOMAIN.test(domain)).length;
  if (apps > 0) kinds.push(apps === 1 ? planLine('one-app', {}) : planLine('apps', { apps }));
  if (backup.filesByDomain.has(SETTINGS_DOMAIN)) kinds.push(planLine('settings', {}));
  return kinds;
}

/** Source: public support pages; backup-format §5.9 and §7. */
export function whatStaysBehind({ backup }: RestoreFacts): readonly PlanLine[] {
  const always = [planLine('unlock-methods', {}), planLine('wallet-cards', {}), planLine('store-media', {})];
  return backup.encrypted ? always : [...always, planLine('encrypted-only', {})];
}
