import { asDict, asString, type PlistDict } from '@rootcellar/codecs';
import type { Phone } from '../phone/phone.ts';
import { plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** `SBUserInterfaceOrientation` of a phone held upright. Source: libimobiledevice, `include/libimobiledevice/sbservices.h`. */
const PORTRAIT = 1;

/**
 * Gives app icons. Answers in the form of the request.
 *
 * Source: device-protocols, section 9.4; libimobiledevice, `src/sbservices.c`.
 */
export function springboardServices(): Service {
  return { name: 'com.apple.springboardservices', serve };
}

async function serve({ phone, channel }: ServiceContext): Promise<void> {
  const messages = plistChannel(channel);
  for (;;) {
    const message = await messages.receive();
    if (!message) return;
    await messages.send(answer(asDict(message.value) ?? {}, phone), message.form);
  }
}

function answer(request: PlistDict, phone: Phone): PlistDict {
  switch (asString(request['command'])) {
    case 'getIconPNGData': {
      const bundleID = asString(request['bundleId']);
      const icon = phone.apps.find((app) => app.bundleID === bundleID)?.iconPng;
      return icon ? { pngData: icon } : { Error: 'NoSuchIcon' };
    }
    case 'getInterfaceOrientation':
      return { interfaceOrientation: PORTRAIT };
    default:
      return { Error: 'UnknownCommand' };
  }
}
