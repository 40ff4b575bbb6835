import { simulatorError } from '../errors.ts';
import { familyContent } from './family.ts';
import { freshContent } from './fresh.ts';
import { hugeContent } from './huge.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { tinyContent } from './tiny.ts';

type MakeContent = (options: ContentOptions) => PhoneContent;

/** Contents of one size. */
const FIXED: Readonly<Record<string, MakeContent>> = {
  /** Not even folders: for tests that bring everything themselves. */
  empty: () => ({ apps: [], fill: () => {} }),
  /** A phone that nobody has used yet. */
  fresh: freshContent,
  /** About 200 files of every kind. */
  tiny: tinyContent,
};

/** Contents of which a part can be had: `huge:64`. */
const DIVISIBLE: Readonly<Record<string, MakeContent>> = {
  /** About 8,000 files and 600 MB: daily life. */
  family: familyContent,
  /** 300,000 files and 64 GB: for measuring. */
  huge: hugeContent,
};

/** Smaller parts would have no files left of some kinds. */
const DIVISOR_MAX = 4096;

/**
 * The content that a profile stands for.
 *
 * @param profile a name, or a name and a divisor: `huge:64` is a sixty-fourth of `huge`
 * @throws `simulator.profile-unknown`
 */
export function contentOf(profile: string, options: Omit<ContentOptions, 'divisor'>): PhoneContent {
  const [, name = '', divided] = /^([a-z]+)(?::([1-9]\d{0,3}))?$/.exec(profile) ?? [];
  const divisor = divided === undefined ? 1 : Number(divided);
  if (Object.hasOwn(DIVISIBLE, name) && divisor <= DIVISOR_MAX) {
    const make = DIVISIBLE[name];
    if (make) return make({ ...options, divisor });
  }
  const make = divided === undefined && Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
  if (!make) throw simulatorError('profile-unknown', { profiles: PROFILES.join(' ') });
  return make(options);
}

const PROFILES = [...Object.keys(FIXED), ...Object.keys(DIVISIBLE), 'huge:64'];
