import { encodeXmlPlist, type PlistDict } from '@rootcellar/codecs';
import type { Afc } from '../afc/afc.ts';

/** Where a device looks for the apps it has to download. Source: device-protocols §8.7, step 2. */
const FOLDER = '/iTunesRestore';
const FILE = `${FOLDER}/RestoreApplications.plist`;

/** Tells a device, before a restore, which apps the App Store shall install again. */
export async function offerApplications(afc: Afc, applications: PlistDict): Promise<void> {
  await afc.makeFolder(FOLDER);
  await afc.writeFile(FILE, encodeXmlPlist(applications));
}

/** Takes the list back after a restore that failed. @throws as AFC does */
export function withdrawApplications(afc: Afc): Promise<void> {
  return afc.remove(FOLDER);
}
