import { findDomain } from '../content/domains.ts';
import { noiseContent } from '../content/made/recipes.ts';
import type { InstalledApp } from '../phone/phone.ts';
import { type Day, rewrite } from './day.ts';

/** The App Store updates one app this often. */
const DAYS_BETWEEN = 3;

/** An app gets its next version, which brings data of its own along. @returns how many apps */
export function updateAnApp(day: Day, dayNumber: number): number {
  const { phone, random } = day;
  const users = phone.apps.filter((app) => app.kind === 'User');
  if (users.length === 0 || dayNumber % DAYS_BETWEEN !== 1) return 0;
  const updated = random.pick(users);
  const version = nextVersion(updated.version);
  phone.setApps(phone.apps.map((app): InstalledApp => (app === updated ? { ...app, version } : app)));
  const root = findDomain(`AppDomain-${updated.bundleID}`, phone.apps)?.root;
  const seed = `update/${updated.bundleID}/${version}`;
  rewrite(
    day,
    `${root}/Library/Application Support/assets.dat`,
    noiseContent(seed, 200_000 + random.below(400_000)),
  );
  rewrite(day, `${root}/Library/Application Support/state.json`, Buffer.from(JSON.stringify({ version })));
  return 1;
}

/** `3.2.1` → `3.2.2` */
function nextVersion(version: string): string {
  const parts = version.split('.');
  const last = Number(parts.pop());
  return [...parts, Number.isSafeInteger(last) ? last + 1 : 1].join('.');
}
