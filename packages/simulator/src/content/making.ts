import { type Random, seededRandom } from '@rootcellar/core';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { below } from '../file-system/phone-path.ts';
import type { InstalledApp } from '../phone/phone.ts';
import { findDomain } from './domains.ts';
import { inventPeople, type Person } from './people.ts';
import type { ContentOptions } from './phone-content.ts';
import { type Placing, placing } from './placing.ts';

/** What everybody needs who puts something on a new phone. */
export interface Making {
  readonly place: Placing;
  readonly random: Random;
  /** Begins the seeds of content that is made while it is read. */
  readonly seed: string;
  readonly now: Date;
  /** As a number: 17.06 is iOS 17.6. */
  readonly system: number;
  readonly people: readonly Person[];
  readonly apps: readonly InstalledApp[];
}

/** Used when nobody says which system the phone has. */
export const DEFAULT_SYSTEM = 26.01;

export function making(
  files: PhoneFileSystem,
  options: ContentOptions,
  more: { readonly name: string; readonly people: number; readonly apps: readonly InstalledApp[] },
): Making {
  const seed = `${options.seed}/${more.name}`;
  const random = seededRandom(seed);
  return {
    place: placing(files, random, options.now),
    random,
    seed,
    now: options.now,
    system: options.system ?? DEFAULT_SYSTEM,
    people: inventPeople(random, more.people),
    apps: more.apps,
  };
}

/** Where a path of a domain is on the disk. @throws RangeError for a domain this phone does not have */
export function placeIn({ apps }: Pick<Making, 'apps'>, domain: string, path: string): string {
  const root = findDomain(domain, apps)?.root;
  if (root === undefined) throw new RangeError('A domain of no known family');
  return below(root, path);
}

/** Sizes around one mean that are `total` together, none below `least`. */
export function divideBytes(
  random: Random,
  total: number,
  options: { readonly count: number; readonly least: number },
): readonly number[] {
  const { count, least } = options;
  const weights = Array.from({ length: count }, () => 0.3 + random.fraction() + random.fraction());
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const spare = Math.max(0, total - least * count);
  return weights.map((weight) => least + Math.floor((spare * weight) / sum));
}
