import {
  asBoolean,
  asData,
  asDict,
  asString,
  encodeBinaryPlist,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { containerUUID } from '../content/domains.ts';
import type { InstalledApp, Phone } from '../phone/phone.ts';

/** Anything but `finished` is a run that goes on or was broken off. */
export type SnapshotState = 'uploading' | 'moving' | 'removing' | 'finished';

/** What Status.plist says of the backup on the host. */
export interface BackupStatus {
  /** Was the last run full? It says nothing of whether the folder is complete. */
  readonly isFullBackup: boolean;
  /** Upper case, new for each run. */
  readonly uuid: string;
  readonly date: Date;
  /** `empty` until a first run has put everything in place. */
  readonly backupState: 'empty' | 'new';
  readonly snapshotState: SnapshotState;
}

/** Of the backup, not of iOS. Source: 3.3 in every Status.plist seen from iOS 10.2 to 26.6. */
const STATUS_VERSION = '3.3';

/** 189 bytes when finished, keys in the order of real phones (observed on iOS 10 to 26.6). */
export function encodeStatus(status: BackupStatus): Uint8Array {
  return encodeBinaryPlist({
    IsFullBackup: status.isFullBackup,
    Version: STATUS_VERSION,
    UUID: status.uuid,
    Date: status.date,
    BackupState: status.backupState,
    SnapshotState: status.snapshotState,
  });
}

/** @returns `undefined` if it is no property list of this shape */
export function parseStatus(
  bytes: Uint8Array,
):
  | (Pick<BackupStatus, 'isFullBackup'> & { readonly backupState: string; readonly snapshotState: string })
  | undefined {
  const dict = parseOrNothing(bytes);
  const backupState = asString(dict?.['BackupState']);
  const snapshotState = asString(dict?.['SnapshotState']);
  if (backupState === undefined || snapshotState === undefined) return undefined;
  return { isFullBackup: asBoolean(dict?.['IsFullBackup']) ?? false, backupState, snapshotState };
}

/** Source: Manifest.plist of iOS 10 and later. Unknown: the values of iOS 17 to 26. */
const MANIFEST_VERSION = '10.0';
const SYSTEM_DOMAINS_VERSION = '24.0';

/** Lockdown domains whose values travel with the backup. Source: backup-format specification, 2.3. */
const LOCKDOWN_DOMAINS = [
  'com.apple.Accessibility',
  'com.apple.MobileDeviceCrashCopy',
  'com.apple.TerminalFlashr',
  'com.apple.mobile.data_sync',
  'com.apple.mobile.iTunes.accessories',
  'com.apple.mobile.wireless_lockdown',
] as const;

export function encodeManifestPlist(
  phone: Phone,
  options: { readonly date: Date; readonly sealingKeys: PlistDict },
): Uint8Array {
  const { identity } = phone;
  const lockdown: Record<string, PlistValue> = {
    BuildVersion: identity.buildVersion,
    DeviceName: identity.deviceName,
    ProductType: identity.productType,
    ProductVersion: identity.productVersion,
    SerialNumber: identity.serialNumber,
    UniqueDeviceID: identity.udid,
  };
  for (const domain of LOCKDOWN_DOMAINS) lockdown[domain] = phone.values.domain(domain);
  return encodeBinaryPlist({
    Applications: Object.assign({}, ...phone.apps.map(containersOf)),
    Date: options.date,
    Lockdown: lockdown,
    SystemDomainsVersion: SYSTEM_DOMAINS_VERSION,
    Version: MANIFEST_VERSION,
    WasPasscodeSet: phone.condition.passcode !== undefined,
    ...options.sealingKeys,
  });
}

/** What a restore needs to know of Manifest.plist. */
export interface ManifestProperties {
  readonly isEncrypted: boolean;
  /** Version of iOS; empty if it is not said. */
  readonly productVersion: string;
  /** Of the device that was backed up. */
  readonly udid: string | undefined;
  readonly deviceName: string | undefined;
  /** How its keys are locked. */
  readonly keybag: Uint8Array | undefined;
  /** How its list of files is locked. */
  readonly manifestKey: Uint8Array | undefined;
  /** Domain names of all containers it lists. */
  readonly appDomains: ReadonlySet<string>;
}

/** @returns `undefined` if it is no property list */
export function parseManifestPlist(bytes: Uint8Array): ManifestProperties | undefined {
  const dict = parseOrNothing(bytes);
  if (dict === undefined) return undefined;
  const lockdown = asDict(dict['Lockdown']);
  const applications = Object.entries(asDict(dict['Applications']) ?? {});
  return {
    isEncrypted: asBoolean(dict['IsEncrypted']) ?? false,
    keybag: asData(dict['BackupKeyBag']),
    manifestKey: asData(dict['ManifestKey']),
    productVersion: asString(lockdown?.['ProductVersion']) ?? '',
    udid: asString(lockdown?.['UniqueDeviceID']),
    deviceName: asString(lockdown?.['DeviceName']),
    appDomains: new Set(applications.map(([name, entry]) => domainOfContainer(name, asDict(entry)))),
  };
}

/** Kinds of containers and the domains they become. Source: backup-format specification, 2.3. */
const CONTAINER_DOMAINS: Readonly<Record<string, string>> = {
  'Data/Application': 'AppDomain-',
  'Data/PluginKitPlugin': 'AppDomainPlugin-',
  'Shared/AppGroup': 'AppDomainGroup-',
};

function domainOfContainer(name: string, entry: PlistDict | undefined): string {
  const contentClass = asString(entry?.['ContainerContentClass']) ?? '';
  return `${CONTAINER_DOMAINS[contentClass] ?? 'AppDomain-'}${name}`;
}

function containersOf(app: InstalledApp): PlistDict {
  const bundle = `/var/containers/Bundle/Application/${containerUUID(`bundle ${app.bundleID}`)}/${app.bundleID}.app`;
  const entry = (identifier: string, contentClass: string, more: PlistDict): PlistDict => ({
    [identifier]: { CFBundleIdentifier: identifier, ContainerContentClass: contentClass, ...more },
  });
  return Object.assign(
    entry(app.bundleID, 'Data/Application', { CFBundleVersion: app.version, Path: bundle }),
    ...app.plugins.map((plugin) =>
      entry(plugin, 'Data/PluginKitPlugin', {
        CFBundleVersion: app.version,
        Path: `${bundle}/PlugIns/${plugin}.appex`,
      }),
    ),
    ...app.groups.map((group) => entry(group, 'Shared/AppGroup', {})),
  );
}

function parseOrNothing(bytes: Uint8Array): PlistDict | undefined {
  try {
    return asDict(parsePropertyList(bytes));
  } catch {
    return undefined;
  }
}
