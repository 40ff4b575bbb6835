import { simulatorError } from '../errors.ts';
import { createPhoneFiles } from '../file-system/create-phone-files.ts';
import type { FillPhone } from '../phone/fill-phone.ts';
import { freshContent } from './fresh.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { tinyContent } from './tiny.ts';

const PROFILES: Readonly<Record<string, (options: ContentOptions) => PhoneContent>> = {
  /** A phone that nobody has used yet. */
  fresh: freshContent,
  /** About 200 files of every kind. */
  tiny: tinyContent,
  /** Not even folders: for tests that bring everything themselves. */
  empty: () => ({ apps: [], fill: () => {} }),
};

/** Fills a phone with the invented content of a profile. @throws `simulator.profile-unknown` */
export const fillFromProfile: FillPhone = async (request) => {
  const { seed, clock, capacityBytes, stateFolder, start } = request;
  const make = Object.hasOwn(PROFILES, request.profile) ? PROFILES[request.profile] : undefined;
  if (!make) throw simulatorError('profile-unknown', { profiles: Object.keys(PROFILES).join(' ') });
  const files = await createPhoneFiles({ clock, capacityBytes, stateFolder });
  const content = (start === 'erased' ? freshContent : make)({ seed, now: clock.now() });
  if (start !== 'resume') {
    files.remove('/');
    content.fill(files);
  }
  return { files, apps: content.apps };
};
