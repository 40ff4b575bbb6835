import type { PlistDict } from '@rootcellar/codecs';
import type { ReadableTree } from '@rootcellar/core';
import { readControlFile } from './control-file.ts';
import { KnownKeys } from './known-keys.ts';

/** Info.plist: written by the computer, read by it again for a restore. Every key may be missing. */
export interface BackupInfo {
  readonly deviceName: string | undefined;
  readonly displayName: string | undefined;
  /** Model identifier, `iPhone14,2`. */
  readonly productType: string | undefined;
  /** Marketing name, `iPhone 13 Pro`; libimobiledevice does not write it. */
  readonly productName: string | undefined;
  readonly productVersion: string | undefined;
  readonly buildVersion: string | undefined;
  readonly serialNumber: string | undefined;
  /** The UDID as it is. */
  readonly targetIdentifier: string | undefined;
  /** The UDID in upper case. */
  readonly uniqueIdentifier: string | undefined;
  /** The computer's clock; libimobiledevice sets it at the start, so it proves no success. */
  readonly lastBackupDate: Date | undefined;
  readonly guid: string | undefined;
  readonly phoneNumber: string | undefined;
  readonly imei: string | undefined;
  readonly iTunesVersion: string | undefined;
  /** Identifiers of the apps the owner installed. */
  readonly installedApplications: readonly string[] | undefined;
  /** By app identifier: licence, metadata and icon, needed to download the app again. */
  readonly applications: PlistDict | undefined;
  readonly others: PlistDict;
}

/** @throws `backup.plist-missing`, `backup.plist-empty`, `backup.plist-too-large`, `backup.plist-damaged` */
export async function readInfo(tree: ReadableTree): Promise<BackupInfo> {
  return parseInfo(await readControlFile(tree, 'Info.plist'));
}

function parseInfo(dict: PlistDict): BackupInfo {
  const keys = new KnownKeys(dict);
  return {
    deviceName: keys.string('Device Name'),
    displayName: keys.string('Display Name'),
    productType: keys.string('Product Type'),
    productName: keys.string('Product Name'),
    productVersion: keys.string('Product Version'),
    buildVersion: keys.string('Build Version'),
    serialNumber: keys.string('Serial Number'),
    targetIdentifier: keys.string('Target Identifier'),
    uniqueIdentifier: keys.string('Unique Identifier'),
    lastBackupDate: keys.date('Last Backup Date'),
    guid: keys.string('GUID'),
    phoneNumber: keys.string('Phone Number'),
    imei: keys.string('IMEI'),
    iTunesVersion: keys.string('iTunes Version'),
    installedApplications: keys.strings('Installed Applications'),
    applications: keys.dict('Applications'),
    others: keys.others(),
  };
}
