import { randomBytes } from 'node:crypto';
import type { InfoValue, InfoValues } from '@rootcellar/backup';
import {
  type Afc,
  type DeviceConnection,
  INSTALLATION_PROXY_SERVICE,
  type InstalledApplication,
  listUserApplications,
  readAppIcon,
  SPRINGBOARDSERVICES_SERVICE,
} from '@rootcellar/device';

/** Files of iTunes that a restore brings back, each if it is there. Source: device-protocols §8.4. */
const ITUNES_FOLDER = '/iTunes_Control/iTunes';
const ITUNES_FILES = [
  'ApertureAlbumPrefs',
  'IC-Info.sidb',
  'IC-Info.sidv',
  'PhotosFolderAlbums',
  'PhotosFolderName',
  'PhotosFolderPrefs',
  'VoiceMemos.plist',
  'iPhotoAlbumPrefs',
  'iTunesApplicationIDs',
  'iTunesPrefs',
  'iTunesPrefs.plist',
];
const IBOOKS_FILE = '/Books/iBooksData2.plist';

/** Lockdown keys that go into Info.plist under another name, where the device has them. */
const FROM_LOCKDOWN = {
  'Build Version': 'BuildVersion',
  'Device Name': 'DeviceName',
  'Display Name': 'DeviceName',
  ICCID: 'IntegratedCircuitCardIdentity',
  IMEI: 'InternationalMobileEquipmentIdentity',
  'IMEI 2': 'InternationalMobileEquipmentIdentity2',
  MEID: 'MobileEquipmentIdentifier',
  'Phone Number': 'PhoneNumber',
  'Product Type': 'ProductType',
  'Product Version': 'ProductVersion',
  'Serial Number': 'SerialNumber',
} as const;

/** What MinITunesVersion says when a device does not say it. Source: device-protocols §8.4. */
const ITUNES_VERSION = '10.0.1';

/** What was gathered for an Info.plist, and what could not be. */
export interface GatheredInfo {
  readonly values: InfoValues;
  /** Apps could not be listed: they will not be installed again by a restore. */
  readonly withoutApps: boolean;
}

/**
 * Reads from the device what the computer adds to a backup: who it is, which apps it has (with what
 * the App Store needs to install them again), a few files of iTunes.
 *
 * Source: device-protocols §8.4, backup-format §2.1.
 */
export async function gatherInfo(device: DeviceConnection, afc: Afc): Promise<GatheredInfo> {
  const { lockdown } = device;
  const about = await lockdown.values();
  const udid = (await lockdown.text('UniqueDeviceID')) ?? device.attachment.udid;
  const apps = await readApps(device).catch(() => undefined);
  const values: Record<string, InfoValue> = {
    Applications: apps?.entries ?? {},
    GUID: randomBytes(16).toString('hex').toUpperCase(),
    'Installed Applications': apps?.bundleIDs ?? [],
    'Target Identifier': udid,
    'Target Type': 'Device',
    'Unique Identifier': udid.toUpperCase(),
    'iBooks Data 2': await afc.readFile(IBOOKS_FILE),
    'iTunes Files': await readITunesFiles(afc),
    'iTunes Settings': await lockdown.values('com.apple.iTunes'),
    'iTunes Version': (await lockdown.text('MinITunesVersion', 'com.apple.mobile.iTunes')) ?? ITUNES_VERSION,
  };
  for (const [name, key] of Object.entries(FROM_LOCKDOWN)) values[name] = about[key];
  return { values, withoutApps: apps === undefined };
}

async function readITunesFiles(afc: Afc): Promise<InfoValues> {
  const files: Record<string, InfoValue> = {};
  for (const name of ITUNES_FILES) {
    const bytes = await afc.readFile(`${ITUNES_FOLDER}/${name}`);
    if (bytes) files[name] = bytes;
  }
  return files;
}

async function readApps(
  device: DeviceConnection,
): Promise<{ readonly entries: InfoValues; readonly bundleIDs: readonly string[] }> {
  const proxy = await device.openService(INSTALLATION_PROXY_SERVICE);
  const apps = await listUserApplications(proxy).finally(() => proxy.destroy());
  return {
    bundleIDs: apps.map(({ bundleID }) => bundleID),
    entries: await describeApps(device, apps),
  };
}

/** Only apps from the App Store can be installed again; the others have no such data. */
async function describeApps(
  device: DeviceConnection,
  apps: readonly InstalledApplication[],
): Promise<InfoValues> {
  const fromStore = apps.filter(({ sinf, metadata }) => sinf && metadata);
  const entries: Record<string, InfoValue> = {};
  if (fromStore.length === 0) return entries;
  // Icons are a courtesy of whoever shows the backup later: without them it is still complete.
  const springboard = await device.openService(SPRINGBOARDSERVICES_SERVICE).catch(() => undefined);
  try {
    for (const { bundleID, sinf, metadata } of fromStore) {
      const icon = springboard && (await readAppIcon(springboard, bundleID).catch(() => undefined));
      entries[bundleID] = {
        ...(sinf && { ApplicationSINF: sinf }),
        ...(icon && { PlaceholderIcon: icon }),
        ...(metadata && { iTunesMetadata: metadata }),
      };
    }
  } finally {
    springboard?.destroy();
  }
  return entries;
}
