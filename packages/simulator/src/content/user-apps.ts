import { encodeXmlPlist } from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';
import type { InstalledApp } from '../phone/phone.ts';
import { containerUUID } from './domains.ts';
import { paintLandscape } from './picture.ts';
import { encodePng } from './png.ts';

const ICON_SIZE = 60;

/** An app as the App Store delivers it. */
export function userApp(
  random: Random,
  bundleID: string,
  displayName: string,
  more: Partial<InstalledApp> = {},
): InstalledApp {
  const version = '3.2.1';
  return {
    bundleID,
    displayName,
    version,
    kind: 'User',
    groups: [],
    plugins: [],
    containerUUID: containerUUID(`AppDomain-${bundleID}`),
    sinf: random.bytes(1024),
    metadata: encodeXmlPlist({
      itemName: displayName,
      artistName: 'Example Software',
      bundleShortVersionString: version,
      softwareVersionBundleId: bundleID,
      genre: 'Productivity',
    }),
    iconPng: encodePng(paintLandscape(random, ICON_SIZE, ICON_SIZE)),
    ...more,
  };
}

const FIRST_WORDS = ['Blue', 'Tiny', 'Happy', 'Open', 'Quick', 'North', 'Paper', 'Lucky', 'Pocket', 'Clear'];
const SECOND_WORDS = [
  'Fox',
  'Maps',
  'Notes',
  'Quest',
  'Chess',
  'Recipes',
  'Radio',
  'Budget',
  'Garden',
  'Tram',
];

/** One app in so many has an app group, or a widget. */
const EVERY = { group: 5, widget: 8 } as const;

/** Apps that nobody sells, a hundred at most. */
export function inventApps(random: Random, count: number): readonly InstalledApp[] {
  return Array.from({ length: count }, (_, index) => {
    const first = FIRST_WORDS[index % 10] ?? 'Blue';
    const second = SECOND_WORDS[(index + Math.floor(index / 10)) % 10] ?? 'Fox';
    const bundleID = `com.example.${first.toLowerCase()}${second.toLowerCase()}`;
    return userApp(random, bundleID, `${first} ${second}`, {
      groups: index % EVERY.group === 0 ? [`group.${bundleID}.shared`] : [],
      plugins: index % EVERY.widget === 0 ? [`${bundleID}.widget`] : [],
    });
  });
}
