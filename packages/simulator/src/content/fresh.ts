import { encodeBinaryPlist, encodeXmlPlist } from '@rootcellar/codecs';
import { seededRandom } from '@rootcellar/core';
import type { InstalledApp } from '../phone/phone.ts';
import { containerUUID, findDomain } from './domains.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { type Placing, placing } from './placing.ts';

/** Apps that come with iOS and whose containers a backup takes. */
export const SYSTEM_APPS: readonly InstalledApp[] = [
  systemApp('com.apple.mobilenotes', 'Notes', ['group.com.apple.notes']),
  systemApp('com.apple.mobilesafari', 'Safari', []),
  systemApp('com.apple.DocumentsApp', 'Files', ['group.com.apple.FileProvider.LocalStorage']),
];

/** A phone that says Hello: just erased or just bought. */
export function freshContent(options: ContentOptions): PhoneContent {
  return {
    apps: SYSTEM_APPS,
    fill: (files) => placeSystem(placing(files, seededRandom(`${options.seed}/system`), options.now)),
  };
}

/** What is there before anybody has used the phone. */
export function placeSystem(place: Placing): void {
  place.folder('/var/mobile', 'shared');
  for (const folder of ['Library', 'Library/Caches', 'Library/Preferences', 'Media', 'Media/DCIM']) {
    place.folder(`/var/mobile/${folder}`, 'shared');
  }
  placeDatabases(place);
  placePreferences(place);
  placeContainers(place);
}

function placeDatabases(place: Placing): void {
  place.folder('/var/db', 'database');
  place.link('/var/db/timezone/localtime', '/var/db/timezone/zoneinfo/Europe/Berlin', 'database');
  place.file(
    '/var/db/com.apple.xpc.launchd/disabled.plist',
    encodeXmlPlist({ 'com.apple.ftp-proxy-embedded': true }),
    'database',
  );
  place.file(
    '/var/Keychains/keychain-backup.plist',
    encodeBinaryPlist({ genp: [], inet: [], cert: [], keys: [] }),
    'system',
    {
      permissions: 0o600,
      userID: 64,
      groupID: 64,
    },
  );
  place.file(
    '/var/root/Library/Preferences/com.apple.MobileBackup.plist',
    encodeBinaryPlist({ Version: '2.0' }),
    'system',
  );
  place.folder('/var/root/Library/Caches/locationd', 'system', { userID: 205, groupID: 205 });
  place.file(
    '/var/wireless/Library/Preferences/com.apple.commcenter.plist',
    encodeBinaryPlist({ Carrier: 'Example' }),
    'system',
    {
      userID: 25,
      groupID: 25,
    },
  );
  place.file(
    '/var/installd/Library/MobileInstallation/BackedUpState/LastBuildInfo.plist',
    encodeBinaryPlist({ Build: '23B85' }),
    'system',
    {
      userID: 33,
      groupID: 33,
    },
  );
  place.folder('/var/networkd', 'system', { userID: 24, groupID: 24 });
  place.folder('/var/protected/trustd/private', 'system', { protectionClass: 4 });
  place.folder('/var/MobileDevice/ProvisioningProfiles', 'shared');
}

function placePreferences(place: Placing): void {
  place.file(
    '/var/preferences/SystemConfiguration/preferences.plist',
    encodeXmlPlist({ Model: 'iPhone', Sets: {} }),
    'system',
  );
  place.file(
    '/var/preferences/com.apple.wifi.known-networks.plist',
    encodeBinaryPlist({ 'wifi.network.ssid.Cabin': {} }),
    'system',
  );
  place.file(
    '/var/mobile/Library/Preferences/.GlobalPreferences.plist',
    encodeBinaryPlist({ AppleLanguages: ['en-GB'], AppleLocale: 'en_DE' }),
    'shared',
  );
  place.file(
    '/var/mobile/Library/Preferences/com.apple.springboard.plist',
    encodeBinaryPlist({ SBHasSetUp: false }),
    'home',
  );
  place.folder('/var/Managed Preferences/mobile', 'managed');
}

function placeContainers(place: Placing): void {
  const root = (domain: string): string => findDomain(domain, SYSTEM_APPS)?.root ?? '/var/empty';
  const rootless = new Map([['com.apple.rootless', new Uint8Array()]]);
  place.folder(root('SysContainerDomain-com.apple.geod'), 'systemContainer', {
    flags: 128,
    extendedAttributes: rootless,
    protectionClass: 4,
  });
  const profiles = root('SysSharedContainerDomain-systemgroup.com.apple.configurationprofiles');
  place.file(
    `${profiles}/Library/ConfigurationProfiles/Truth.plist`,
    encodeBinaryPlist({ restrictedBool: {} }),
    'systemContainer',
  );
  for (const app of SYSTEM_APPS) {
    for (const folder of ['Documents', 'Library/Caches', 'Library/Preferences', 'tmp']) {
      place.folder(`${root(`AppDomain-${app.bundleID}`)}/${folder}`, 'app');
    }
    for (const group of app.groups) place.folder(`${root(`AppDomainGroup-${group}`)}/Library`, 'app');
  }
}

function systemApp(bundleID: string, displayName: string, groups: readonly string[]): InstalledApp {
  const container = containerUUID(`AppDomain-${bundleID}`);
  return {
    bundleID,
    displayName,
    version: '1.0',
    kind: 'System',
    groups,
    plugins: [],
    containerUUID: container,
  };
}
