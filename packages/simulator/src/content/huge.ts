import { encodeBinaryPlist } from '@rootcellar/codecs';
import { type Random, seededRandom } from '@rootcellar/core';
import type { InstalledApp } from '../phone/phone.ts';
import { placeSystem, SYSTEM_APPS } from './fresh.ts';
import { noiseContent, wordsContent } from './made/recipes.ts';
import { type Making, making, placeIn } from './making.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { placeMessages } from './place-messages.ts';
import { placePhotos } from './place-photos.ts';
import { placeRecords } from './place-records.ts';
import { placeSettings } from './place-settings.ts';
import { placing } from './placing.ts';
import { inventApps } from './user-apps.ts';

/**
 * What a backup of it holds: 300,000 files with 64 GB, most of the files small and of apps, most of
 * the bytes photos and films.
 *
 * Source: the shape of observed, sections 0 (`heavy`), 2.3 and 2.4 (110 domains with files).
 */
const AMOUNTS = {
  photos: 12_000,
  photoBytes: 26e9,
  films: 160,
  filmBytes: 10e9,
  screenshots: 40,
  messages: 80_000,
  attachments: 8000,
  attachmentBytes: 2.4e9,
  settings: 700,
  apps: 80,
  appFiles: 266_500,
  appBytes: 14.3e9,
} as const;

/** Downloads of some apps: a map, a film in work, a game. */
const LARGE_FILES = [
  { path: 'Documents/Maps/continent.map', sizeBytes: 5.1e9 },
  { path: 'Documents/Projects/holidays.film', sizeBytes: 3.4e9 },
  { path: 'Library/Application Support/game.pak', sizeBytes: 2.5e9 },
] as const;

/** Files in one folder of an app. */
const FILES_PER_FOLDER = 120;

/** Somebody's phone of many years, for measuring. Nothing of it is on disk: content is made while it is read. */
export function hugeContent(options: ContentOptions): PhoneContent {
  const { seed, now, divisor = 1 } = options;
  const apps = [...SYSTEM_APPS, ...inventApps(seededRandom(`${seed}/apps`), AMOUNTS.apps)];
  const part = (amount: number): number => Math.ceil(amount / divisor);
  return {
    apps,
    fill: (files) => {
      placeSystem(placing(files, seededRandom(`${seed}/system`), now));
      const huge = making(files, options, { name: 'huge', people: 100, apps });
      placeMessages(huge, {
        messages: part(AMOUNTS.messages),
        attachments: part(AMOUNTS.attachments),
        attachmentBytes: part(AMOUNTS.attachmentBytes),
      });
      placePhotos(huge, {
        photos: part(AMOUNTS.photos),
        photoBytes: part(AMOUNTS.photoBytes),
        films: part(AMOUNTS.films),
        filmBytes: part(AMOUNTS.filmBytes),
        screenshots: part(AMOUNTS.screenshots),
      });
      placeRecords(huge, { calls: 1000, notes: 200, pages: 900, events: 400, voicemails: 20 });
      placeSettings(huge, part(AMOUNTS.settings));
      placeApps(huge, { files: part(AMOUNTS.appFiles), bytes: part(AMOUNTS.appBytes) });
      placeLargeFiles(huge, part);
    },
  };
}

function placeApps(huge: Making, amounts: { readonly files: number; readonly bytes: number }): void {
  const users = huge.apps.filter((app) => app.kind === 'User');
  const sizes = smallFileSizes(huge.random, amounts);
  users.forEach((app, index) => {
    const from = Math.floor((sizes.length * index) / users.length);
    const to = Math.floor((sizes.length * (index + 1)) / users.length);
    placeApp(huge, app, sizes.subarray(from, to));
  });
}

/** Many of a few kilobytes, few of megabytes (log-normal), together what is wanted. */
function smallFileSizes(
  random: Random,
  amounts: { readonly files: number; readonly bytes: number },
): Float64Array {
  const bell = (): number =>
    random.fraction() + random.fraction() + random.fraction() + random.fraction() - 2;
  const weights = Float64Array.from({ length: amounts.files }, () => Math.exp(3.2 * bell()));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => Math.floor((weight * amounts.bytes) / sum));
}

/** Compressible logs and incompressible data by turns. */
function placeApp(huge: Making, app: InstalledApp, sizes: Float64Array): void {
  const { place, random, seed } = huge;
  const root = placeIn(huge, `AppDomain-${app.bundleID}`, '');
  const settings = { opened: random.below(999), user: random.bytes(8) };
  place.file(`${root}/Library/Preferences/${app.bundleID}.plist`, encodeBinaryPlist(settings), 'app');
  for (const group of app.groups) {
    place.file(placeIn(huge, `AppDomainGroup-${group}`, 'shared.json'), Buffer.from('{"version":1}'), 'app');
  }
  for (const plugin of app.plugins) {
    place.folder(placeIn(huge, `AppDomainPlugin-${plugin}`, 'Documents'), 'app');
  }
  sizes.forEach((sizeBytes, index) => {
    const shelf = Math.floor(index / FILES_PER_FOLDER);
    const folder = `${root}/${index % 2 === 0 ? 'Documents' : 'Library/Application Support'}/shelf-${shelf}`;
    const file = `${seed}/${app.bundleID}/${index}`;
    if (index % 3 === 0) place.file(`${folder}/item-${index}.log`, wordsContent(file, sizeBytes), 'app');
    else place.file(`${folder}/item-${index}.dat`, noiseContent(file, sizeBytes), 'app');
  });
}

function placeLargeFiles(huge: Making, part: (amount: number) => number): void {
  const users = huge.apps.filter((app) => app.kind === 'User');
  LARGE_FILES.forEach(({ path, sizeBytes }, index) => {
    const app = users[index * 7];
    if (app === undefined) return;
    const content = noiseContent(`${huge.seed}/large/${index}`, part(sizeBytes));
    huge.place.file(placeIn(huge, `AppDomain-${app.bundleID}`, path), content, 'app');
  });
}
