import { checkWhole, openManifest, readInfo, readManifestPlist } from '@rootcellar/backup';
import type { ReadableTree } from '@rootcellar/core';
import type { DeviceConnection } from '@rootcellar/device';
import type { DeviceSummary } from '../choose-device.ts';
import type { BackupFacts, DeviceFacts } from '../restore-plan/facts.ts';

/** What a backup tells about itself. Damage becomes a fact, not an error. */
export async function backupFacts(tree: ReadableTree): Promise<BackupFacts> {
  const [verification, manifest, info] = await Promise.all([
    checkWhole(tree),
    readManifestPlist(tree).catch(() => undefined),
    readInfo(tree).catch(() => undefined),
  ]);
  const contents = await readContents(tree).catch(() => undefined);
  return {
    verdict: verification.verdict,
    udid: manifest?.lockdown.uniqueDeviceID ?? info?.targetIdentifier,
    productType: manifest?.lockdown.productType ?? info?.productType,
    productVersion: manifest?.lockdown.productVersion ?? info?.productVersion,
    encrypted: manifest?.isEncrypted ?? false,
    bytes: verification.bytes,
    apps: Object.keys(info?.applications ?? {}),
    filesByDomain: contents?.filesByDomain ?? new Map(),
    has: contents?.has ?? (() => false),
  };
}

/** What a device tells about itself. Source: device-protocols §3.3. */
export async function deviceFacts(device: DeviceSummary, connection: DeviceConnection): Promise<DeviceFacts> {
  const { lockdown } = connection;
  const { udid, productType, productVersion } = device;
  return {
    udid,
    productType,
    productVersion,
    connection: connection.attachment.connection,
    // Only the key by itself is answered. Source: device-protocols §3.3.
    findMyOn: (await lockdown.flag('IsAssociated', 'com.apple.fmip')) === true,
    requiresEncryption: (await lockdown.flag('RequiresEncryption', 'com.apple.mobile.backup')) === true,
    freeBytes: await lockdown.number('AmountRestoreAvailable', 'com.apple.disk_usage'),
    batteryPercent: await lockdown.number('BatteryCurrentCapacity', 'com.apple.mobile.battery'),
    onPower: (await lockdown.flag('ExternalConnected', 'com.apple.mobile.battery')) === true,
  };
}

async function readContents(tree: ReadableTree): Promise<Pick<BackupFacts, 'filesByDomain' | 'has'>> {
  const manifest = await openManifest(tree);
  try {
    const filesByDomain = new Map<string, number>();
    const paths = new Set<string>();
    for (const { domain, relativePath, kind } of manifest.entries()) {
      if (kind !== 'file') continue;
      filesByDomain.set(domain, (filesByDomain.get(domain) ?? 0) + 1);
      if (!domain.startsWith('AppDomain-') && domain !== 'CameraRollDomain')
        paths.add(`${domain}/${relativePath}`);
    }
    return { filesByDomain, has: (domain, path) => paths.has(`${domain}/${path}`) };
  } finally {
    await manifest.close();
  }
}
