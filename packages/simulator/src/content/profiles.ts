import { simulatorError } from '../errors.ts';
import { createPhoneFiles } from '../file-system/create-phone-files.ts';
import type { PhoneContent as FillPhone } from '../phone/phone-content.ts';
import { freshContent } from './fresh.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { tinyContent } from './tiny.ts';

/** What can be on a phone, by the name that `--profile` takes. */
const PROFILES: Readonly<Record<string, (options: ContentOptions) => PhoneContent>> = {
  fresh: freshContent,
  tiny: tinyContent,
};

/**
 * Fills a phone with what its profile invents, or with nothing but the system after an erase.
 * @throws `simulator.profile-unknown`
 */
export const fillByProfile: FillPhone = async (request) => {
  const { seed, profile, capacityBytes, clock, stateFolder, start } = request;
  const make = start === 'erased' ? freshContent : PROFILES[profile];
  if (make === undefined)
    throw simulatorError('profile-unknown', { known: Object.keys(PROFILES).join(', ') });
  const { apps, fill } = make({ seed, now: clock.now() });
  const files = await createPhoneFiles({ clock, capacityBytes, stateFolder });
  const holdsSomething = files.list('/').length > 0;
  if (start === 'resume' && holdsSomething) return { files, apps };
  if (holdsSomething) files.remove('/');
  fill(files);
  return { files, apps };
};
