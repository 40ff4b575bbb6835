import { asDict, asString, type PlistDict } from '@rootcellar/codecs';
import type { InstalledApp, Phone } from '../phone/phone.ts';
import { plistChannel } from '../wire/plist-channel.ts';
import { serveAfc } from './afc/afc.ts';
import { makeFolder } from './afc/afc-files.ts';
import { AfcLocks } from './afc/afc-locks.ts';
import type { AfcRoot } from './afc/afc-root.ts';
import type { Service, ServiceContext } from './service.ts';

const CONTAINERS = '/var/mobile/Containers/Data/Application';

/**
 * Gives the folder of one app: after the first message the connection speaks AFC.
 *
 * Source: libimobiledevice, `src/house_arrest.c`; pymobiledevice3, `services/house_arrest.py`. That apps of the App Store
 * give no container: since iOS 8.3, many reports.
 */
export function houseArrest(): Service {
  const locks = new AfcLocks();
  return { name: 'com.apple.mobile.house_arrest', serve: (context) => serve(context, locks) };
}

async function serve({ phone, channel }: ServiceContext, locks: AfcLocks): Promise<void> {
  const messages = plistChannel(channel);
  const message = await messages.receive();
  if (!message) return;
  const outcome = vend(asDict(message.value) ?? {}, phone);
  if (typeof outcome === 'string') return messages.send({ Error: outcome });
  makeFolder(phone.files, `${outcome.folder}/Documents`);
  await messages.send({ Status: 'Complete' });
  await serveAfc({ phone, channel, root: outcome, locks });
}

/** @returns what is shown, or the name of the refusal */
function vend(request: PlistDict, phone: Phone): AfcRoot | string {
  const command = asString(request['Command']);
  if (command !== 'VendContainer' && command !== 'VendDocuments') return 'UnknownCommand';
  const bundleID = asString(request['Identifier']);
  const app = phone.apps.find((each) => each.bundleID === bundleID);
  if (app?.kind !== 'User') return 'ApplicationLookupFailed';
  const folder = `${CONTAINERS}/${app.containerUUID}`;
  if (command === 'VendDocuments') return { folder, only: 'Documents' };
  return isFromStore(app) ? 'InstallationLookupFailed' : { folder };
}

function isFromStore({ sinf }: InstalledApp): boolean {
  return sinf !== undefined;
}
