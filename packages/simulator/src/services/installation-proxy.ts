import { asArray, asDict, asString, type PlistDict } from '@rootcellar/codecs';
import type { InstalledApp } from '../phone/phone.ts';
import { type PlistChannel, plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** Apps told in one message. Unknown: what phones do; clients accept any number. */
const APPS_PER_MESSAGE = 10;

/**
 * Lists installed apps.
 *
 * Source: device-protocols, section 9.3; libimobiledevice, `src/installation_proxy.c`.
 */
export function installationProxy(): Service {
  return { name: 'com.apple.mobile.installation_proxy', serve };
}

async function serve({ phone, channel }: ServiceContext): Promise<void> {
  const messages = plistChannel(channel);
  for (;;) {
    const message = await messages.receive();
    if (!message) return;
    const request = asDict(message.value) ?? {};
    const options = asDict(request['ClientOptions']) ?? {};
    switch (asString(request['Command'])) {
      case 'Browse':
        await browse(messages, phone.apps, options);
        break;
      case 'Lookup':
        await messages.send({ LookupResult: lookUp(phone.apps, options), Status: 'Complete' });
        break;
      default:
        await messages.send({
          Error: 'UnknownCommand',
          ErrorDescription: 'The command is not known to this phone.',
        });
    }
  }
}

async function browse(
  messages: PlistChannel,
  apps: readonly InstalledApp[],
  options: PlistDict,
): Promise<void> {
  const chosen = apps.filter((app) => isOfType(app, asString(options['ApplicationType'])));
  const attributes = readAttributes(options);
  for (let index = 0; index < chosen.length; index += APPS_PER_MESSAGE) {
    const list = chosen.slice(index, index + APPS_PER_MESSAGE).map((app) => describeApp(app, attributes));
    await messages.send({
      CurrentAmount: list.length,
      CurrentIndex: index,
      CurrentList: list,
      Status: 'BrowsingApplications',
      Total: chosen.length,
    });
  }
  await messages.send({ Status: 'Complete' });
}

function lookUp(apps: readonly InstalledApp[], options: PlistDict): PlistDict {
  const wanted = asArray(options['BundleIDs'])?.map(asString);
  const attributes = readAttributes(options);
  const found = apps.filter(
    (app) =>
      isOfType(app, asString(options['ApplicationType'])) && (!wanted || wanted.includes(app.bundleID)),
  );
  return Object.fromEntries(found.map((app) => [app.bundleID, describeApp(app, attributes)]));
}

function isOfType(app: InstalledApp, type: string | undefined): boolean {
  return type === undefined || type === 'Any' || app.kind === type;
}

/** @returns the keys asked for; `undefined` means all of them */
function readAttributes(options: PlistDict): ReadonlySet<string> | undefined {
  const names = asArray(options['ReturnAttributes'])?.map(asString);
  return names && new Set(names.filter((name) => name !== undefined));
}

function describeApp(app: InstalledApp, attributes: ReadonlySet<string> | undefined): PlistDict {
  const all: PlistDict = {
    ApplicationSINF: app.sinf,
    ApplicationType: app.kind,
    CFBundleDisplayName: app.displayName,
    CFBundleIdentifier: app.bundleID,
    CFBundleName: app.displayName,
    CFBundleShortVersionString: app.version,
    CFBundleVersion: app.version,
    Container: `/private/var/mobile/Containers/Data/Application/${app.containerUUID}`,
    IsAppClip: false,
    // What house_arrest goes by: the owner's apps show their documents.
    UIFileSharingEnabled: app.kind === 'User',
    iTunesMetadata: app.metadata,
  };
  if (!attributes) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => attributes.has(name)));
}
