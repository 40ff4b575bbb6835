import type { PhoneFileSystem, PhoneNode } from '../file-system/phone-file-system.ts';
import { below } from '../file-system/phone-path.ts';
import type { InstalledApp } from '../phone/phone.ts';
import { type Domain, domainsOf } from './domains.ts';

/** One thing that a backup takes: a file, folder or link under its address. */
export interface BackupEntry {
  readonly domain: string;
  /** Empty for the root of the domain. */
  readonly relativePath: string;
  readonly node: PhoneNode;
}

/** How an app says that something is not to be backed up. Source: Apple, QA1719. */
const EXCLUDED_BY_OWNER = ['com.apple.metadata:com_apple_backup_excludeItem', 'com.apple.MobileBackup'];

/** Everything a backup takes now, by domain, folders before what they hold. */
export function* backupEntries(
  files: PhoneFileSystem,
  apps: readonly InstalledApp[],
  encrypted: boolean,
): Iterable<BackupEntry> {
  for (const domain of domainsOf(apps)) yield* domainEntries(files, domain, encrypted);
}

/** Also what a restore with `RemoveItemsNotRestored` may remove. */
export function* domainEntries(
  files: PhoneFileSystem,
  domain: Domain,
  encrypted: boolean,
): Iterable<BackupEntry> {
  const left = encrypted ? domain.excludes : [...domain.excludes, ...domain.encryptedOnly];
  if (left.includes('')) return;
  const seen = new Set<string>();
  for (const include of domain.includes) {
    if (files.stat(below(domain.root, include)) === undefined) continue;
    for (const folder of ancestorsOf(include)) yield* entryOnce(files, domain, folder, seen);
    yield* walkFrom({ files, domain, left, seen }, include);
  }
}

interface Walk {
  readonly files: PhoneFileSystem;
  readonly domain: Domain;
  readonly left: readonly string[];
  readonly seen: Set<string>;
}

function* walkFrom(walk: Walk, relativePath: string): Iterable<BackupEntry> {
  const path = below(walk.domain.root, relativePath);
  const node = walk.files.stat(path);
  if (node === undefined || walk.left.includes(relativePath)) return;
  if (EXCLUDED_BY_OWNER.some((name) => node.attributes.extendedAttributes.has(name))) return;
  yield* entryOnce(walk.files, walk.domain, relativePath, walk.seen);
  for (const name of walk.files.list(path)) {
    yield* walkFrom(walk, relativePath === '' ? name : `${relativePath}/${name}`);
  }
}

function* entryOnce(
  files: PhoneFileSystem,
  domain: Domain,
  relativePath: string,
  seen: Set<string>,
): Iterable<BackupEntry> {
  const node = files.stat(below(domain.root, relativePath));
  if (node === undefined || seen.has(relativePath)) return;
  seen.add(relativePath);
  yield { domain: domain.name, relativePath, node };
}

/** The root and every folder above `path`, outermost first. */
function ancestorsOf(path: string): readonly string[] {
  if (path === '') return [];
  const names = path.split('/');
  return names.map((_, count) => names.slice(0, count).join('/'));
}
