import { posix } from 'node:path';
import { type Domain, demandsDigests, findDomain, isAppDomain, isSystemDomain } from '../content/domains.ts';
import type { RestoreBehaviour } from '../devices/system-behaviour.ts';
import { below, namesOf } from '../file-system/phone-path.ts';
import type { InstalledApp, Phone } from '../phone/phone.ts';
import { refusals } from './answers.ts';
import type { ManifestProperties } from './control-files.ts';
import { kindOfRow, type ManifestRow } from './manifest-row.ts';
import { isSetting, type PlannedItem, type RestoreOptions } from './restore-plan.ts';

/**
 * Checks every row of a backup as this version of iOS does, and says where each goes.
 *
 * @param apps those the phone will have afterwards; data of others is left out
 * @returns what this restore takes, folders before what they hold
 * @throws a `Refusal` 205 for the first row that iOS would not accept
 */
export function planItems(
  rows: Iterable<ManifestRow>,
  context: {
    readonly phone: Phone;
    readonly apps: readonly InstalledApp[];
    readonly properties: ManifestProperties;
    readonly options: RestoreOptions;
  },
): readonly PlannedItem[] {
  const { phone, apps, properties, options } = context;
  const owned = containersOf(apps);
  const items = new Map<string, PlannedItem>();
  for (const row of rows) {
    const kind = kindOfRow(row);
    if (kind === undefined) throw refusals.fileTypeInvalid(row.mode);
    requireAcceptable(row, phone.behaviour.restore, properties);
    const domain = locate(row.domain, apps);
    if (domain === undefined) continue;
    const path = placeOf(domain, row.relativePath);
    if (isSystemDomain(domain) && !options.systemFiles) continue;
    if (isAppDomain(row.domain) && !owned.has(row.domain)) continue;
    if (options.preserveSettings && kind !== 'folder' && isSetting(row.domain, row.relativePath)) {
      if (phone.files.stat(path) !== undefined) continue;
    }
    const other = items.get(path);
    if (other !== undefined && (other.kind !== 'folder' || kind !== 'folder')) throw refusals.pathInvalid();
    items.set(path, { kind, domain: row.domain, path, row });
  }
  requireFoldersAbove(items);
  return [...items.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Versions differ in what they look at.
 *
 * @throws a `Refusal` 205
 */
function requireAcceptable(
  row: ManifestRow,
  behaviour: RestoreBehaviour,
  properties: ManifestProperties,
): void {
  if (behaviour.refusesPathsAsDomains) {
    if (row.domain.includes('/')) throw refusals.domainHasSlash();
    if (/^\.{1,2}$/.test(row.domain.replace(/^[^-]*-/, ''))) throw refusals.pathInvalid();
  }
  const known = isAppDomain(row.domain)
    ? properties.appDomains.has(row.domain)
    : findDomain(row.domain, []) !== undefined;
  if (behaviour.refusesUnknownDomains && !known) throw refusals.domainUnknown();
  if (!behaviour.demandsDigests) return;
  if (kindOfRow(row) === 'file' && row.digest === undefined && demandsDigests(row.domain)) {
    throw refusals.payloadsMissing();
  }
}

/** Old versions append the name to the folder of its family and follow every `..` in it. */
function locate(name: string, apps: readonly InstalledApp[]): Domain | undefined {
  const domain = findDomain(name, apps);
  if (domain === undefined || !/[/]|-\.{1,2}$/.test(name)) return domain;
  return { ...domain, root: posix.resolve(posix.dirname(domain.root), name.slice(name.indexOf('-') + 1)) };
}

function placeOf(domain: Domain, relativePath: string): string {
  const path = below(domain.root, relativePath);
  try {
    namesOf(path);
  } catch {
    throw refusals.pathInvalid();
  }
  return path;
}

/** Nothing may lie below a file or a link of the same backup: it could lead out of its domain. */
function requireFoldersAbove(items: ReadonlyMap<string, PlannedItem>): void {
  for (const path of items.keys()) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const above = items.get(path.slice(0, slash));
      if (above !== undefined && above.kind !== 'folder') throw refusals.pathInvalid();
    }
  }
}

function containersOf(apps: readonly InstalledApp[]): ReadonlySet<string> {
  return new Set(
    apps.flatMap((app) => [
      `AppDomain-${app.bundleID}`,
      ...app.groups.map((group) => `AppDomainGroup-${group}`),
      ...app.plugins.map((plugin) => `AppDomainPlugin-${plugin}`),
    ]),
  );
}
