import { appOfDomain, appsOfDomains } from '../folder/domain.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { globMatcher } from './glob.ts';

/** Which entries somebody wants; all that is given must fit. */
export interface EntrySelection {
  readonly domain?: string;
  /** Identifier of an app: its container, its extensions and its groups (see `appOfDomain`). */
  readonly app?: string;
  /** A pattern for `domain/path` (see `globMatcher`). */
  readonly like?: string;
}

/**
 * @param domains of the backup; without them nobody can tell what belongs to an app
 * @throws `backup.pattern-too-long`
 */
export function entryFilter(
  { domain, app, like }: EntrySelection,
  domains: readonly string[],
): (entry: Pick<ManifestEntry, 'domain' | 'relativePath'>) => boolean {
  const ofApp = app === undefined ? undefined : domainsOfApp(app, domains);
  const fits = like === undefined ? undefined : globMatcher(like);
  return (entry) => {
    if (domain !== undefined && entry.domain !== domain) return false;
    if (ofApp !== undefined && !ofApp.has(entry.domain)) return false;
    if (fits === undefined) return true;
    return fits(entry.relativePath === '' ? entry.domain : `${entry.domain}/${entry.relativePath}`);
  };
}

/** The domains of a backup that belong to an app. */
export function domainsOfApp(app: string, domains: readonly string[]): ReadonlySet<string> {
  const apps = appsOfDomains(domains);
  return new Set(domains.filter((domain) => appOfDomain(domain, apps) === app));
}
