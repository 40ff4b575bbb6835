import { domainEntries } from '../content/backup-entries.ts';
import { backupScope, type Domain, domainsOf, findDomain, isSystemDomain } from '../content/domains.ts';
import type { FileContent, NewNodeAttributes, PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { below, folderOf } from '../file-system/phone-path.ts';
import type { BackupEncryption } from '../phone/backup-encryption.ts';
import type { InstalledApp, Phone } from '../phone/phone.ts';
import { setEncryption } from './encryption/phone-encryption.ts';
import type { ManifestRow } from './manifest-row.ts';

/** Where an app list for a restore is left by the host. Source: libimobiledevice, `idevicebackup2.c`. */
export const RESTORE_APPLICATIONS = '/var/mobile/Media/iTunesRestore/RestoreApplications.plist';

/** What the host may choose. Source: device-protocols specification, section 7.3. */
export interface RestoreOptions {
  readonly systemFiles: boolean;
  readonly reboot: boolean;
  readonly preserveSettings: boolean;
  readonly removeOthers: boolean;
}

/** One thing to put in place. */
export interface PlannedItem {
  readonly kind: 'file' | 'folder' | 'link';
  readonly domain: string;
  readonly path: string;
  readonly row: ManifestRow;
}

/** Everything a restore is going to do, after all of it has arrived. Nothing can go wrong any more. */
export interface RestorePlan {
  readonly items: readonly PlannedItem[];
  /** By file ID. */
  readonly contents: ReadonlyMap<string, FileContent>;
  readonly apps: readonly InstalledApp[];
  /** How the phone of the backup was called. A real phone keeps it in its system preferences. */
  readonly deviceName: string | undefined;
  readonly options: RestoreOptions;
  /** Was the backup encrypted? It then holds more, and more of what it lacks is removed. */
  readonly isEncrypted: boolean;
  /** Of the phone's own backups from now on. Source: observed, section 7.1. */
  readonly encryption: BackupEncryption | undefined;
}

/**
 * Restores that wait for their restart. Unknown: real phones keep them on the disk, under
 * `/var/.backup.i`; here they are lost if the simulator ends before the phone restarts.
 */
const pending = new WeakMap<Phone, RestorePlan>();

/** Keeps a plan until the phone restarts. */
export function stageRestore(phone: Phone, plan: RestorePlan): void {
  pending.set(phone, plan);
  phone.condition.restorePending = true;
}

/** Puts a staged restore in place; called while the phone restarts. Does nothing if there is none. */
export async function completePendingRestore(phone: Phone): Promise<void> {
  const plan = pending.get(phone);
  pending.delete(phone);
  phone.condition.restorePending = false;
  if (plan === undefined) return;
  applyPlan(phone, plan);
  await phone.save();
}

/** Is it a setting that `RestorePreserveSettings` leaves as it is on the phone? Unknown: Apple's list. */
export function isSetting(domain: string, relativePath: string): boolean {
  if (domain === 'ManagedPreferencesDomain' || domain === 'SystemPreferencesDomain') return true;
  return domain === 'HomeDomain' && relativePath.startsWith('Library/Preferences/');
}

function applyPlan(phone: Phone, plan: RestorePlan): void {
  const { files } = phone;
  if (plan.options.removeOthers) removeOthers(phone, plan);
  phone.setApps(plan.apps);
  clearPlaces(files, plan.items);
  for (const item of plan.items) putInPlace(files, item, plan.contents);
  files.remove(folderOf(RESTORE_APPLICATIONS));
  if (plan.encryption !== phone.encryption) setEncryption(phone, plan.encryption);
  if (!plan.options.systemFiles) return;
  phone.condition.setUp = true;
  if (plan.deviceName !== undefined && !plan.options.preserveSettings) {
    phone.values.set('', 'DeviceName', plan.deviceName);
  }
}

/** Removes what a backup of this phone would hold and the restored one does not, and apps it lacks. */
function removeOthers(phone: Phone, { items, apps, options, isEncrypted }: RestorePlan): void {
  const kept = new Set(items.map((item) => item.path));
  for (const item of items)
    for (let folder = item.path; folder !== '/'; folder = folderOf(folder)) kept.add(folder);
  for (const domain of domainsOf(phone.apps)) {
    if (isSystemDomain(domain) && !options.systemFiles) continue;
    removeFromDomain({ phone, domain, kept, options, isEncrypted });
  }
  for (const app of phone.apps) {
    if (apps.some((other) => other.bundleID === app.bundleID)) continue;
    const container = findDomain(`AppDomain-${app.bundleID}`, phone.apps);
    if (container !== undefined) phone.files.remove(container.root);
  }
}

function removeFromDomain(parts: {
  readonly phone: Phone;
  readonly domain: Domain;
  readonly kept: ReadonlySet<string>;
  readonly options: RestoreOptions;
  readonly isEncrypted: boolean;
}): void {
  const { phone, domain, kept, options, isEncrypted } = parts;
  const entries = [
    ...domainEntries(phone.files, domain, backupScope(isEncrypted, phone.behaviour)),
  ].reverse();
  for (const { relativePath, node } of entries) {
    if (relativePath === '' || kept.has(node.path)) continue;
    if (options.preserveSettings && isSetting(domain.name, relativePath)) continue;
    if (domain.includes.some((include) => include.startsWith(`${relativePath}/`))) continue;
    if (node.kind !== 'folder' || phone.files.list(node.path).length === 0) phone.files.remove(node.path);
  }
}

/** Frees places and inodes before anything is made, so that every item can get its own back. */
function clearPlaces(files: PhoneFileSystem, items: readonly PlannedItem[]): void {
  for (const item of items) {
    const there = files.stat(item.path);
    if (there !== undefined && (there.kind !== 'folder' || item.kind !== 'folder')) files.remove(item.path);
  }
}

function putInPlace(
  files: PhoneFileSystem,
  { kind, path, row }: PlannedItem,
  contents: ReadonlyMap<string, FileContent>,
): void {
  makeParents(files, path);
  const attributes = attributesOf(row);
  if (kind === 'folder') files.makeFolder(path, attributes);
  else if (kind === 'link') files.makeLink(path, row.target ?? '', attributes);
  else files.writeFile(path, contents.get(row.fileID) ?? new Uint8Array(), attributes);
}

/** Makes room for folders where files or links stand. */
function makeParents(files: PhoneFileSystem, path: string): void {
  const names = folderOf(path).split('/').slice(1);
  let folder = '/';
  for (const name of names) {
    if (name === '') return;
    folder = below(folder, name);
    const there = files.stat(folder);
    if (there?.kind !== 'folder') files.remove(folder);
    if (there?.kind !== 'folder') files.makeFolder(folder);
  }
}

function attributesOf(row: ManifestRow): NewNodeAttributes {
  return {
    inode: row.inode,
    permissions: row.mode & 0o7777,
    userID: row.userID,
    groupID: row.groupID,
    modifiedAt: row.modifiedAt,
    changedAt: row.changedAt,
    bornAt: row.bornAt,
    protectionClass: row.protectionClass,
    flags: row.flags,
    extendedAttributes: row.extendedAttributes,
  };
}
