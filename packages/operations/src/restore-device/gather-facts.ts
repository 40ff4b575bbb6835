import {
  type BackupKeys,
  openManifest,
  readInfo,
  readManifestPlist,
  readStatus,
  type VerifyOptions,
  verifyBackup,
} from '@rootcellar/backup';
import type { ReadableTree } from '@rootcellar/core';
import type { DeviceConnection } from '@rootcellar/device';
import type { DeviceSummary } from '../choose-device.ts';
import type { BackupFacts, DeviceFacts } from '../restore-plan/facts.ts';

/** Findings that mean: not as long as it should be. */
const OTHER_LENGTH: ReadonlySet<string> = new Set(['length-differs', 'blob-empty', 'database-cut-short']);

/**
 * What a backup tells about itself, after reading all of it: a phone is not to be overwritten with what
 * was not checked as far as it can be. Damage becomes a fact, not an error.
 */
export async function backupFacts(tree: ReadableTree, options: VerifyOptions = {}): Promise<BackupFacts> {
  const [verification, status, manifest, info] = await Promise.all([
    verifyBackup(tree, options),
    readStatus(tree).catch(() => undefined),
    readManifestPlist(tree).catch(() => undefined),
    readInfo(tree).catch(() => undefined),
  ]);
  const contents = await readContents(tree, options.keys).catch(() => undefined);
  return {
    verdict: verification.verdict,
    deviceName: manifest?.lockdown.deviceName ?? info?.deviceName,
    takenAt: status?.date,
    files: verification.files,
    otherLengths: verification.findings.filter(({ code }) => OTHER_LENGTH.has(code)).length,
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
  const { udid, name, productType, productVersion } = device;
  return {
    udid,
    name,
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

async function readContents(
  tree: ReadableTree,
  keys: BackupKeys | undefined,
): Promise<Pick<BackupFacts, 'filesByDomain' | 'has'>> {
  const manifest = await openManifest(tree, { keys });
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
