import type { PhoneFileSystem, PhoneNode } from '../file-system/phone-file-system.ts';
import { below } from '../file-system/phone-path.ts';
import type { InstalledApp } from '../phone/phone.ts';
import { type BackupScope, type Domain, domainsOf, leftOutOf } from './domains.ts';

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
  scope: BackupScope,
): Iterable<BackupEntry> {
  for (const domain of domainsOf(apps)) yield* domainEntries(files, domain, scope);
}

/** Also what a restore with `RemoveItemsNotRestored` may remove. */
export function* domainEntries(
  files: PhoneFileSystem,
  domain: Domain,
  scope: BackupScope,
): Iterable<BackupEntry> {
  const left = leftOutOf(domain, scope);
  if (left.includes('')) return;
  const enter = entrance(domain, left);
  const above = new Set<string>();
  for (const include of domain.includes) {
    if (files.stat(below(domain.root, include)) === undefined) continue;
    for (const folder of ancestorsOf(include)) {
      const node = above.has(folder) ? undefined : files.stat(below(domain.root, folder));
      if (node === undefined) continue;
      above.add(folder);
      yield { domain: domain.name, relativePath: folder, node };
    }
    const skip = domain.root === '/' ? 1 : domain.root.length + 1;
    for (const node of files.walk(below(domain.root, include), enter)) {
      yield { domain: domain.name, relativePath: node.path.slice(skip), node };
    }
  }
}

/** Leaves out what the domain leaves out and what its owner marked, with everything below. */
function entrance(domain: Domain, left: readonly string[]): (node: PhoneNode) => boolean {
  const paths = new Set(left.map((path) => below(domain.root, path)));
  return ({ path, attributes: { extendedAttributes } }) =>
    !paths.has(path) &&
    (extendedAttributes.size === 0 || !EXCLUDED_BY_OWNER.some((name) => extendedAttributes.has(name)));
}

/** The root and every folder above `path`, outermost first. */
function ancestorsOf(path: string): readonly string[] {
  if (path === '') return [];
  const names = path.split('/');
  return names.map((_, count) => names.slice(0, count).join('/'));
}
