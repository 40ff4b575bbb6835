import { asNumber, type PlistDict } from '@rootcellar/codecs';
import type { ReadableTree } from '@rootcellar/core';
import { readControlFile } from './control-file.ts';
import { KnownKeys } from './known-keys.ts';

/** Manifest.plist: written by the device. Every key may be missing. */
export interface ManifestPlist {
  /** Missing means that it is not encrypted. */
  readonly isEncrypted: boolean;
  readonly wasPasscodeSet: boolean | undefined;
  /** Start of the session, the device's clock. */
  readonly date: Date | undefined;
  /** Of the format, `10.0` since iOS 10; compare as a number. */
  readonly version: string | undefined;
  readonly systemDomainsVersion: string | undefined;
  /** Keys wrapped with the backup password. May be there although nothing is encrypted. */
  readonly backupKeyBag: Uint8Array | undefined;
  /** Protection class (4 bytes little-endian) and wrapped key of Manifest.db; iOS 10.2 and later. */
  readonly manifestKey: Uint8Array | undefined;
  /** What the device says of itself; a better witness than Info.plist. */
  readonly lockdown: DeviceOfManifest;
  /** Containers in the backup, by identifier. */
  readonly applications: PlistDict | undefined;
  readonly others: PlistDict;
}

export interface DeviceOfManifest {
  readonly uniqueDeviceID: string | undefined;
  readonly deviceName: string | undefined;
  readonly productType: string | undefined;
  readonly productVersion: string | undefined;
  readonly buildVersion: string | undefined;
  readonly serialNumber: string | undefined;
  readonly others: PlistDict;
}

/** @throws `backup.plist-missing`, `backup.plist-empty`, `backup.plist-too-large`, `backup.plist-damaged` */
export async function readManifestPlist(tree: ReadableTree): Promise<ManifestPlist> {
  const dict = await readControlFile(tree, 'Manifest.plist');
  const keys = new KnownKeys(dict);
  return {
    isEncrypted: keys.boolean('IsEncrypted') ?? false,
    wasPasscodeSet: keys.boolean('WasPasscodeSet'),
    date: keys.date('Date'),
    version: keys.string('Version') ?? asNumber(dict['Version'])?.toString(),
    systemDomainsVersion: keys.string('SystemDomainsVersion'),
    backupKeyBag: keys.data('BackupKeyBag'),
    manifestKey: keys.data('ManifestKey'),
    lockdown: parseLockdown(keys.dict('Lockdown') ?? {}),
    applications: keys.dict('Applications'),
    others: keys.others(),
  };
}

function parseLockdown(dict: PlistDict): DeviceOfManifest {
  const keys = new KnownKeys(dict);
  return {
    uniqueDeviceID: keys.string('UniqueDeviceID'),
    deviceName: keys.string('DeviceName'),
    productType: keys.string('ProductType'),
    productVersion: keys.string('ProductVersion'),
    buildVersion: keys.string('BuildVersion'),
    serialNumber: keys.string('SerialNumber'),
    others: keys.others(),
  };
}
