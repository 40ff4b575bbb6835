import { asData, asDict, asString, type PlistDict, parsePropertyList } from '@rootcellar/codecs';
import { containerUUID } from '../content/domains.ts';
import { readWhole } from '../file-system/file-content.ts';
import type { InstalledApp, Phone } from '../phone/phone.ts';
import type { ManifestProperties } from './control-files.ts';
import { RESTORE_APPLICATIONS } from './restore-plan.ts';

/** Our limit on apps in one list; the largest reported phone has some 1,200 containers. */
const APPS_MAX = 20_000;

/**
 * The apps this phone has after a restore.
 *
 * Only with `RemoveItemsNotRestored` are apps of the backup downloaded again; otherwise the phone
 * keeps what it has. Source: observed on iOS 15, 16.7.2 and 18.4.1.
 *
 * @param info Info.plist as it came, if it came
 */
export async function appsAfterRestore(
  phone: Phone,
  backup: {
    readonly info: Uint8Array | undefined;
    readonly properties: ManifestProperties;
    readonly removeOthers: boolean;
  },
): Promise<readonly InstalledApp[]> {
  const { info, properties, removeOthers } = backup;
  const stays = (app: InstalledApp): boolean =>
    app.kind === 'System' || !removeOthers || properties.appDomains.has(`AppDomain-${app.bundleID}`);
  const apps = phone.apps.filter(stays);
  const known = new Set(apps.map((app) => app.bundleID));
  const listed = removeOthers ? Object.entries(await listedApps(phone, info)).slice(0, APPS_MAX) : [];
  for (const [bundleID, value] of listed) {
    const entry = asDict(value);
    if (entry !== undefined && isBundleID(bundleID) && !known.has(bundleID))
      apps.push(newApp(bundleID, entry));
  }
  return adoptContainers(apps, properties);
}

/** The list that the host left for the App Store, or else the one in Info.plist. */
async function listedApps(phone: Phone, info: Uint8Array | undefined): Promise<PlistDict> {
  const content = phone.files.stat(RESTORE_APPLICATIONS)?.content;
  const left = content && parseOrNothing(await readWhole(content));
  return left ?? asDict((info && parseOrNothing(info))?.['Applications']) ?? {};
}

function newApp(bundleID: string, entry: PlistDict): InstalledApp {
  const metadata = asData(entry['iTunesMetadata']);
  const described = metadata && parseOrNothing(metadata);
  const sinf = asData(entry['ApplicationSINF']);
  const iconPng = asData(entry['PlaceholderIcon']);
  return {
    bundleID,
    displayName: asString(described?.['itemName']) ?? bundleID,
    version: asString(described?.['bundleShortVersionString']) ?? '1.0',
    kind: 'User',
    groups: [],
    plugins: [],
    containerUUID: containerUUID(`AppDomain-${bundleID}`),
    ...(sinf === undefined ? {} : { sinf }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(iconPng === undefined ? {} : { iconPng }),
  };
}

/**
 * Gives app groups and plug-ins of the backup to the app they are named after. A real phone reads
 * from the app's own entitlements whose they are; a backup does not say it.
 */
function adoptContainers(
  apps: readonly InstalledApp[],
  properties: ManifestProperties,
): readonly InstalledApp[] {
  const owned = new Set(apps.flatMap((app) => [...app.groups, ...app.plugins]));
  const adopted = new Map<InstalledApp, { groups: string[]; plugins: string[] }>();
  for (const domain of properties.appDomains) {
    const [, family, name] = /^AppDomain(Group|Plugin)-(.+)$/.exec(domain) ?? [];
    if (name === undefined || owned.has(name)) continue;
    const owner = ownerOf(name.replace(/^group\./, ''), apps);
    if (owner === undefined) continue;
    const containers = adopted.get(owner) ?? { groups: [], plugins: [] };
    (family === 'Group' ? containers.groups : containers.plugins).push(name);
    adopted.set(owner, containers);
  }
  return apps.map((app) => ({
    ...app,
    groups: [...app.groups, ...(adopted.get(app)?.groups ?? [])],
    plugins: [...app.plugins, ...(adopted.get(app)?.plugins ?? [])],
  }));
}

/** The app that shares most leading words of the name, at least two: `com.example`. */
function ownerOf(name: string, apps: readonly InstalledApp[]): InstalledApp | undefined {
  let best: InstalledApp | undefined;
  let bestShared = 1;
  for (const app of apps) {
    const words = app.bundleID.split('.');
    const differs = name.split('.').findIndex((word, index) => word !== words[index]);
    const shared = differs < 0 ? name.split('.').length : differs;
    if (shared > bestShared) [best, bestShared] = [app, shared];
  }
  return best;
}

function isBundleID(name: string): boolean {
  return /^[0-9A-Za-z._-]{1,255}$/.test(name) && !/^\.{1,2}$/.test(name);
}

function parseOrNothing(bytes: Uint8Array): PlistDict | undefined {
  try {
    return asDict(parsePropertyList(bytes));
  } catch {
    return undefined;
  }
}
