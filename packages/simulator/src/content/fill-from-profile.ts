import { createPhoneFiles } from '../file-system/create-phone-files.ts';
import type { FillPhone } from '../phone/fill-phone.ts';
import { freshContent } from './fresh.ts';
import { contentFromRecipe } from './made/recipes.ts';
import { contentOf } from './profile.ts';

/** Fills a phone with the invented content of a profile. @throws `simulator.profile-unknown` */
export const fillFromProfile: FillPhone = async (request) => {
  const { seed, clock, capacityBytes, stateFolder, start } = request;
  const options = { seed, now: clock.now(), system: systemNumber(request.productVersion) };
  const asked = contentOf(request.profile, options);
  const files = await createPhoneFiles({ clock, capacityBytes, stateFolder, remake: contentFromRecipe });
  const content = start === 'erased' ? freshContent(options) : asked;
  if (start !== 'resume') {
    files.remove('/');
    content.fill(files);
  }
  return { files, apps: content.apps };
};

/** `17.6.1` is 17.06: a number that schemas can be compared with. */
function systemNumber(productVersion: string | undefined): number | undefined {
  const [major, minor = 0] = (productVersion ?? '').split('.').map(Number);
  return major === undefined || !(major > 0) ? undefined : major + minor / 100;
}
