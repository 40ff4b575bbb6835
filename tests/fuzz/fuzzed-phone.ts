import { type Clock, seededRandom } from '@rootcellar/core';
import { createPhoneFiles, type FillPhone, type SimulatedPhone } from '@rootcellar/simulator';
import { inventApps } from '../../packages/simulator/src/content/user-apps.ts';
import { type DeviceKey, makeDeviceKey } from '../../packages/simulator/src/phone/device-key.ts';
import { openPhone } from '../../packages/simulator/src/phone/open-phone.ts';

/** Of everything something: two databases, a photo, a file of an app. */
const FILES = [
  '/var/mobile/Library/SMS/sms.db',
  '/var/mobile/Library/Preferences/com.apple.springboard.plist',
  '/var/mobile/Media/DCIM/100APPLE/IMG_0001.JPG',
  '/var/mobile/Media/note.txt',
] as const;

const APPS = inventApps(seededRandom('fuzz'), 2);

const NOW = new Date('2026-05-03T10:00:00Z');

/** Turns of the event loop that a sleep takes: more than anything that is on its way already. */
const TURNS_ASLEEP = 300;

let deviceKey: DeviceKey | undefined;

const fill: FillPhone = async ({ clock, start }) => {
  const files = await createPhoneFiles({ clock });
  if (start === 'fresh') for (const path of FILES) files.writeFile(path, Buffer.from(`content of ${path}`));
  return { files, apps: APPS };
};

/** A small phone without passcode, always the same, and its own: nobody else has spoken to it. */
export async function fuzzedPhone(): Promise<SimulatedPhone> {
  deviceKey ??= await makeDeviceKey();
  const phone = await openPhone(
    { seed: 'fuzz', ios: '26.1', owner: 'absent', deviceKey },
    { fill, clock: turningClock() },
  );
  phone.condition.passcode = undefined;
  return phone;
}

/**
 * A clock on which time passes when nothing happens: a sleep of any length ends after some turns of the event
 * loop. So deadlines are kept, and no case waits for one.
 */
export function turningClock(): Clock {
  let nowMs = NOW.getTime();
  return {
    now: () => new Date(nowMs),
    sleep: async (ms, signal) => {
      for (let turn = 0; turn < TURNS_ASLEEP && !signal?.aborted; turn += 1) await nextTurn();
      nowMs += ms;
    },
  };
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
