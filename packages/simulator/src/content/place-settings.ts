import { encodeBinaryPlist, PlistReal } from '@rootcellar/codecs';
import type { Making } from './making.ts';

const PREFERENCES = '/var/mobile/Library/Preferences';

const NAMES = [
  'Accessibility',
  'AppStore',
  'BTServer',
  'Maps',
  'MobileSMS',
  'Music',
  'Preferences',
  'Spotlight',
  'VoiceMemos',
  'accountsd',
  'camera',
  'homed',
  'imagent',
  'itunesstored',
  'keyboard',
  'locationd',
  'mobilecal',
  'mobilephone',
  'mobileslideshow',
  'mobiletimer',
  'nanoweather',
  'purplebuddy',
  'reminders',
  'seld',
  'shortcuts',
  'sleep',
  'stocks',
  'tipsd',
  'touchid',
  'translation',
  'tv',
  'wallet',
  'weather',
  'webapp',
  'wifid',
  'worldclock',
];

/** How many settings have names of their own. */
export const NAMED_SETTINGS = NAMES.length;

/** Settings of the system and its daemons, the home screen, and what the owner's company sets. */
export function placeSettings(making: Making, count: number): void {
  const { place, random } = making;
  for (let index = 0; index < count; index += 1) {
    const settings = {
      LastLaunched: new Date(1_750_000_000_000 + (index % 300) * 86_400_000),
      Launches: random.below(5000),
      Volume: new PlistReal(random.fraction()),
      Enabled: random.below(2) === 1,
      Token: random.bytes(16),
    };
    const style = index % 4 === 0 ? 'shared' : 'home';
    place.file(`${PREFERENCES}/com.apple.${settingsName(index)}.plist`, encodeBinaryPlist(settings), style);
  }
  const icons = { buttonBar: ['com.apple.mobilephone', 'com.apple.mobilesafari'], iconLists: [[]] };
  place.file('/var/mobile/Library/SpringBoard/IconState.plist', encodeBinaryPlist(icons), 'home');
  const filter = '/var/Managed Preferences/mobile/com.apple.webcontentfilter.plist';
  place.file(filter, encodeBinaryPlist({ restrictWeb: false }), 'managed');
  const words = '/var/mobile/Library/Keyboard/user_model_database.txt';
  place.file(words, Buffer.from('hallo\nhello\n'), 'home');
}

function settingsName(index: number): string {
  return NAMES[index] ?? `daemon${index}`;
}
