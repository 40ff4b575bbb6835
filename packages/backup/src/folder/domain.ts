/*
 * A domain is a part of the device's file system: `HomeDomain`, or the container of an app, `AppDomain-com.example.app`.
 *
 * Source: backup-format §6.1; domains of manifests of iOS 14 to 16. There are more than we know, so none is dropped.
 */

/** Domains of which there is one for each app, group or service. */
const AREAS_WITH_OWNERS = [
  'AppDomain',
  'AppDomainGroup',
  'AppDomainPlugin',
  'AppDomainPlaceholder',
  'SysContainerDomain',
  'SysSharedContainerDomain',
] as const;

/** Groups that are not called like their app. Source: backup-format §6.1 and §6.2. */
const APP_BY_GROUP: ReadonlyMap<string, string> = new Map([
  ['group.com.apple.notes', 'com.apple.mobilenotes'],
  ['group.com.apple.FileProvider.LocalStorage', 'com.apple.DocumentsApp'],
]);

export interface DomainParts {
  /** The domain without its owner. */
  readonly area: string;
  /** Identifier of the app, group, extension or service that owns it. */
  readonly owner: string | undefined;
}

export function domainParts(domain: string): DomainParts {
  const area = AREAS_WITH_OWNERS.find((known) => domain.startsWith(`${known}-`));
  return area === undefined
    ? { area: domain, owner: undefined }
    : { area, owner: domain.slice(area.length + 1) };
}

/** Identifiers of the apps that have a domain of their own. */
export function appsOfDomains(domains: Iterable<string>): ReadonlySet<string> {
  const apps = new Set<string>();
  for (const domain of domains) {
    const { area, owner } = domainParts(domain);
    if (owner !== undefined && isOfApp(area)) apps.add(owner);
  }
  return apps;
}

/**
 * The app to which a domain belongs: its own container, its extensions, and the groups that are called after it. The
 * backup does not say which apps share a group, so one that is called otherwise is nobody's.
 *
 * @param apps that exist, as `appsOfDomains` finds them
 */
export function appOfDomain(domain: string, apps: ReadonlySet<string>): string | undefined {
  const { area, owner } = domainParts(domain);
  if (owner === undefined || isOfApp(area)) return owner;
  if (area === 'AppDomainPlugin') return longestBeginning(owner, apps);
  if (area !== 'AppDomainGroup') return undefined;
  return APP_BY_GROUP.get(owner) ?? longestBeginning(owner.replace(/^group\./, ''), apps);
}

function isOfApp(area: string): boolean {
  return area === 'AppDomain' || area === 'AppDomainPlaceholder';
}

/** `com.example.app.widget` belongs to `com.example.app` rather than to `com.example`. */
function longestBeginning(identifier: string, apps: ReadonlySet<string>): string | undefined {
  for (let beginning = identifier; beginning !== ''; ) {
    if (apps.has(beginning)) return beginning;
    beginning = beginning.slice(0, Math.max(0, beginning.lastIndexOf('.')));
  }
  return undefined;
}
