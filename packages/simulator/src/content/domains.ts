import { createHash } from 'node:crypto';
import type { SystemBehaviour } from '../devices/system-behaviour.ts';
import type { InstalledApp } from '../phone/phone.ts';

/** A named part of the phone's disk: the first half of a file's address in a backup. */
export interface Domain {
  readonly name: string;
  /** Absolute device path. */
  readonly root: string;
  /** What of it a backup takes, relative to the root; `''` is everything. */
  readonly includes: readonly string[];
  /** What it leaves out of that. */
  readonly excludes: readonly string[];
  /** What it takes only when the backup has a password; `''` is everything. */
  readonly encryptedOnly: readonly string[];
  /** The same since iOS 13. */
  readonly encryptedOnlySince13: readonly string[];
}

/** What a backup takes of a phone depends on whether it has a password, and without one on the system. */
export type BackupScope = 'encrypted' | 'plain' | 'plain-before-13';

export function backupScope(encrypted: boolean, behaviour: SystemBehaviour): BackupScope {
  if (encrypted) return 'encrypted';
  return behaviour.plainBackupsHoldHistory ? 'plain-before-13' : 'plain';
}

/** Paths that are left out, and everything below them. */
export function leftOutOf(domain: Domain, scope: BackupScope): readonly string[] {
  const { excludes, encryptedOnly, encryptedOnlySince13 } = domain;
  if (scope === 'encrypted') return excludes;
  return [...excludes, ...encryptedOnly, ...(scope === 'plain' ? encryptedOnlySince13 : [])];
}

/**
 * Which of it needs a password: the list of iOS 16; for calls and pages Apple's support pages, which do not
 * say since when. Source: backup-format specification, section 5.9 (iOS 13 is a guess there).
 */
const HOME_DOMAIN: Domain = {
  ...fixed('HomeDomain', '/var/mobile', [
    'Library/Accounts',
    'Library/AddressBook',
    'Library/Calendar',
    'Library/CallHistoryDB',
    'Library/ConfigurationProfiles',
    'Library/Cookies',
    'Library/CoreDuet/People',
    'Library/DataAccess',
    'Library/Messages',
    'Library/Mobile Documents',
    'Library/Notes',
    'Library/Passes',
    'Library/Preferences',
    'Library/Recents',
    'Library/SMS/Drafts',
    'Library/SMS/sms.db',
    'Library/Safari',
    'Library/Shortcuts',
    'Library/SpringBoard',
    'Library/TCC',
    'Library/Voicemail',
    'Library/Wallpapers',
    'Library/WebClips',
  ]),
  encryptedOnly: ['Library/CoreDuet/People/interactionC.db', 'Library/Safari/SafariTabs.db'],
  encryptedOnlySince13: ['Library/CallHistoryDB', 'Library/Safari/History.db'],
};

/**
 * Domains with a fixed place.
 * Source: iOS 14/15 and 27.0 manifests. Unknown: the complete list of what iOS takes of each; this is
 * the part that people look for.
 */
const FIXED_DOMAINS: readonly Domain[] = [
  fixed('BooksDomain', '/var/mobile/Media/Books', ['']),
  fixed('CameraRollDomain', '/var/mobile', ['Media/DCIM', 'Media/PhotoData']),
  fixed('DatabaseDomain', '/var/db', ['']),
  { ...fixed('HealthDomain', '/var/mobile/Library', ['Health', 'MedicalID']), encryptedOnly: [''] },
  HOME_DOMAIN,
  { ...fixed('HomeKitDomain', '/var/mobile', ['Library/homed']), encryptedOnly: [''] },
  fixed('InstallDomain', '/var/installd', ['Library/MobileInstallation/BackedUpState']),
  fixed('KeyboardDomain', '/var/mobile', ['Library/Keyboard']),
  fixed('KeychainDomain', '/var/Keychains', ['keychain-backup.plist', 'TrustStore.sqlite3']),
  fixed('ManagedPreferencesDomain', '/var/Managed Preferences', ['mobile']),
  fixed('MediaDomain', '/var/mobile', [
    'Library/SMS/Attachments',
    'Library/SMS/Parts',
    'Media/PhotoStreamsData',
    'Media/Recordings',
    'Media/Vibrations',
  ]),
  fixed('MobileDeviceDomain', '/var/MobileDevice', ['']),
  fixed('NetworkDomain', '/var/networkd', ['']),
  fixed('ProtectedDomain', '/var/protected', ['']),
  fixed('RootDomain', '/var/root', [
    'Library/Caches/Backup',
    'Library/Caches/locationd',
    'Library/Preferences',
  ]),
  {
    ...fixed('SystemPreferencesDomain', '/var/preferences', ['']),
    encryptedOnly: ['com.apple.wifi.known-networks.plist', 'SystemConfiguration/com.apple.wifi.plist'],
  },
  fixed('TonesDomain', '/var/mobile', ['Media/iTunes_Control/iTunes/Ringtones.plist']),
  fixed('WirelessDomain', '/var/wireless', ['Library/Databases', 'Library/Preferences']),
];

/** System containers that this phone has. Their names end a domain of the families below. */
const SYSTEM_CONTAINERS: readonly string[] = [
  'SysContainerDomain-com.apple.geod',
  'SysSharedContainerDomain-systemgroup.com.apple.configurationprofiles',
];

/**
 * Families of domains, one per container; longer prefixes come first, so that a name matches once.
 * Source: iOS 14/15 manifests.
 */
const FAMILIES: readonly { readonly prefix: string; readonly folder: string }[] = [
  { prefix: 'AppDomainPlugin-', folder: '/var/mobile/Containers/Data/PluginKitPlugin' },
  { prefix: 'AppDomainGroup-', folder: '/var/mobile/Containers/Shared/AppGroup' },
  { prefix: 'AppDomain-', folder: '/var/mobile/Containers/Data/Application' },
  { prefix: 'SysSharedContainerDomain-', folder: '/var/containers/Shared/SystemGroup' },
  { prefix: 'SysContainerDomain-', folder: '/var/containers/Data/System' },
];

/** What apps keep for themselves. Source: backups of iOS 14/15 never hold these folders. */
const APP_EXCLUDES: readonly string[] = [
  'Library/Caches',
  'Library/Saved Application State',
  'Library/SplashBoard',
  'Library/SyncedPreferences',
  'tmp',
];

/** Everything a backup of this phone may take, sorted by name. */
export function domainsOf(apps: readonly InstalledApp[]): readonly Domain[] {
  const containers = apps.flatMap((app) => [
    `AppDomain-${app.bundleID}`,
    ...app.groups.map((group) => `AppDomainGroup-${group}`),
    ...app.plugins.map((plugin) => `AppDomainPlugin-${plugin}`),
  ]);
  const found = [...new Set([...containers, ...SYSTEM_CONTAINERS])].map((name) => findDomain(name, apps));
  return [...FIXED_DOMAINS, ...found.filter((domain) => domain !== undefined)].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** `undefined` for a name of no known family. The apps say where their containers are. */
export function findDomain(name: string, apps: readonly InstalledApp[]): Domain | undefined {
  const known = FIXED_DOMAINS.find((domain) => domain.name === name);
  if (known !== undefined) return known;
  const family = FAMILIES.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length);
  if (family === undefined) return undefined;
  const identifier = name.slice(family.prefix.length);
  const app = family.prefix === 'AppDomain-' ? apps.find((one) => one.bundleID === identifier) : undefined;
  const container = app?.containerUUID ?? containerUUID(name);
  return { ...fixed(name, `${family.folder}/${container}`, ['']), excludes: APP_EXCLUDES };
}

/** Is it a container of an app, an app group or a plug-in? These are listed in Manifest.plist. */
export function isAppDomain(name: string): boolean {
  return /^AppDomain(Group|Plugin)?-/.test(name);
}

/**
 * Does a restore touch it only with `RestoreSystemFiles`? Unknown: Apple's own division. We take what
 * lies outside the home of user `mobile`, except the keychain, which belongs to the owner's apps.
 */
export function isSystemDomain(domain: Domain): boolean {
  return !domain.root.startsWith('/var/mobile') && domain.name !== 'KeychainDomain';
}

/**
 * Domains whose files carry a SHA-1 of their payload: the union of what was seen.
 * Source: observed on an iOS 14/15 manifest and on 27.0, which differ in five of them.
 */
const DIGEST_DOMAINS: ReadonlySet<string> = new Set([
  'DatabaseDomain',
  'HealthDomain',
  'HomeDomain',
  'HomeKitDomain',
  'InstallDomain',
  'KeyboardDomain',
  'KeychainDomain',
  'ManagedPreferencesDomain',
  'MobileDeviceDomain',
  'NetworkDomain',
  'ProtectedDomain',
  'RootDomain',
  'SystemPreferencesDomain',
  'WirelessDomain',
]);

/** The eleven of them that iOS 27.0 insists on. Source: observed on 27.0 (iPad16,2). */
const DIGEST_DEMANDED: ReadonlySet<string> = new Set(
  [...DIGEST_DOMAINS].filter((name) => !['HealthDomain', 'HomeKitDomain', 'KeyboardDomain'].includes(name)),
);

export function hasDigests(domain: string): boolean {
  return DIGEST_DOMAINS.has(domain);
}

export function demandsDigests(domain: string): boolean {
  return DIGEST_DEMANDED.has(domain);
}

/**
 * The container of an app, group or plug-in, always the same for a name. A real phone draws it by
 * lot; nothing in a backup depends on it.
 */
export function containerUUID(name: string): string {
  const hex = createHash('sha1').update(`container ${name}`).digest('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function fixed(name: string, root: string, includes: readonly string[]): Domain {
  return { name, root, includes, excludes: [], encryptedOnly: [], encryptedOnlySince13: [] };
}
