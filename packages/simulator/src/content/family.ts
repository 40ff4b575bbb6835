import { encodeBinaryPlist } from '@rootcellar/codecs';
import { type Random, seededRandom } from '@rootcellar/core';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { InstalledApp } from '../phone/phone.ts';
import { placeSystem, SYSTEM_APPS } from './fresh.ts';
import { photoContent } from './made/photo.ts';
import { noiseContent, wordsContent } from './made/recipes.ts';
import { type Making, making, placeIn } from './making.ts';
import { encodePdf } from './pdf.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { placeMessages } from './place-messages.ts';
import { placePhotos } from './place-photos.ts';
import { placePrivate } from './place-private.ts';
import { placeRecords } from './place-records.ts';
import { placeSettings } from './place-settings.ts';
import { placing } from './placing.ts';
import { sqliteFile } from './sqlite-file.ts';
import { inventSentence } from './texts.ts';
import { inventApps } from './user-apps.ts';

/** What a backup of it holds: about 8,000 files with 600 MB, nearly all of them photos and films. */
const AMOUNTS = {
  photos: 420,
  photoBytes: 385e6,
  films: 14,
  filmBytes: 120e6,
  screenshots: 16,
  messages: 12_000,
  attachments: 150,
  attachmentBytes: 42e6,
  settings: 320,
  apps: 30,
  appFiles: 6200,
  filesOnPhone: 240,
} as const;

const SONG_BYTES = 6_400_000;
const SONGS = 40;
const CACHED_PER_APP = 20;

/** The phone of somebody with children: a bit of everything, in real formats and believable sizes. */
export function familyContent(options: ContentOptions): PhoneContent {
  const { seed, now, divisor = 1 } = options;
  const apps = [...SYSTEM_APPS, ...inventApps(seededRandom(`${seed}/apps`), AMOUNTS.apps)];
  const part = (amount: number): number => Math.ceil(amount / divisor);
  return {
    apps,
    fill: (files) => {
      placeSystem(placing(files, seededRandom(`${seed}/system`), now));
      const family = making(files, options, { name: 'family', people: 80, apps });
      placeMessages(family, {
        messages: part(AMOUNTS.messages),
        attachments: part(AMOUNTS.attachments),
        attachmentBytes: part(AMOUNTS.attachmentBytes),
      });
      placePhotos(family, {
        photos: part(AMOUNTS.photos),
        photoBytes: part(AMOUNTS.photoBytes),
        films: part(AMOUNTS.films),
        filmBytes: part(AMOUNTS.filmBytes),
        screenshots: part(AMOUNTS.screenshots),
      });
      placeRecords(family, { calls: 900, notes: 120, pages: 700, events: 300, voicemails: 12 });
      placeSettings(family, part(AMOUNTS.settings));
      placeWallpapers(family);
      const users = apps.filter((app) => app.kind === 'User');
      for (const app of users) placeApp(family, app, part(AMOUNTS.appFiles / users.length));
      placeFilesOnPhone(family, part(AMOUNTS.filesOnPhone));
      placeWhatNobodyBacksUp(family, part(SONGS));
      placePrivate(family, {
        networks: ['Home', 'Home 5 GHz', 'School', 'Grandma', 'Hotel Seeblick', 'Train'],
        websites: 90,
        behindPasscode: 2,
        healthSamples: 8000,
        interactions: 900,
      });
    },
  };
}

function placeWallpapers({ place, seed }: Making): void {
  const picture = (name: string): FileContent =>
    photoContent({ kind: 'photo', seed: `${seed}/${name}`, shape: 'wide', sizeBytes: 420_000 });
  const home = '/var/mobile/Library';
  for (const name of ['HomeBackgroundThumbnail', 'LockBackgroundThumbnail']) {
    place.file(`${home}/SpringBoard/${name}.jpg`, picture(name), 'home');
  }
  place.file(`${home}/Wallpapers/original.jpg`, picture('original'), 'home');
}

/** Progress, settings and documents of one app, and a cache. */
function placeApp(family: Making, app: InstalledApp, count: number): void {
  const { place, random, seed } = family;
  const root = placeIn(family, `AppDomain-${app.bundleID}`, '');
  const settings = { opened: random.below(999), user: random.bytes(8), version: app.version };
  place.file(`${root}/Library/Preferences/${app.bundleID}.plist`, encodeBinaryPlist(settings), 'app');
  place.file(`${root}/Library/Application Support/progress.sqlite`, progressDatabase(random), 'app');
  for (const group of app.groups) {
    const shared = placeIn(family, `AppDomainGroup-${group}`, 'shared.json');
    place.file(shared, Buffer.from(JSON.stringify({ points: random.below(9999) })), 'app');
  }
  for (const plugin of app.plugins) {
    place.folder(placeIn(family, `AppDomainPlugin-${plugin}`, 'Documents'), 'app');
  }
  for (let index = 0; index < count; index += 1) {
    const document = inventDocument(random, `${seed}/${app.bundleID}/${index}`, index);
    const folder =
      index % 3 === 0 ? `Documents/Folder ${index % 7}` : `Library/Application Support/${index % 11}`;
    place.file(`${root}/${folder}/${document.name}`, document.content, 'app');
  }
  for (let index = 0; index < CACHED_PER_APP; index += 1) {
    const cached = noiseContent(`${seed}/cache/${app.bundleID}/${index}`, 30_000 + random.below(60_000));
    place.file(`${root}/Library/Caches/pictures/${index}.cache`, cached, 'app');
  }
}

interface Document {
  readonly name: string;
  readonly content: Uint8Array | FileContent;
}

function inventDocument(random: Random, seed: string, number: number): Document {
  const kind = random.below(10);
  if (kind === 0) return { name: `letter ${number}.pdf`, content: encodePdf(inventSentence(random)) };
  if (kind === 1) {
    const sizeBytes = 8000 + random.below(40_000);
    const content = photoContent({ kind: 'photo', seed, shape: 'thumbnail', sizeBytes });
    return { name: `picture-${number}.jpg`, content };
  }
  if (kind === 2) {
    const state = { level: random.below(80), score: random.below(1e6), coins: random.below(500) };
    return { name: `save-${number}.plist`, content: encodeBinaryPlist(state) };
  }
  if (kind < 6) {
    const item = { id: number, text: inventSentence(random), tags: [random.below(9), random.below(9)] };
    return { name: `item-${number}.json`, content: Buffer.from(JSON.stringify(item)) };
  }
  if (kind < 8)
    return { name: `events-${number}.log`, content: wordsContent(seed, 300 + random.below(24_000)) };
  const lines = Array.from({ length: 1 + random.below(20) }, () => inventSentence(random));
  return { name: `text ${number}.txt`, content: Buffer.from(`${lines.join('\n')}\n`) };
}

function progressDatabase(random: Random): Uint8Array {
  return sqliteFile((db) => {
    db.exec('CREATE TABLE progress (level INTEGER PRIMARY KEY, stars INTEGER, seconds REAL)');
    const insert = db.prepare('INSERT INTO progress VALUES (?, ?, ?)');
    for (let level = 1; level <= 300; level += 1) insert.run(level, random.below(4), random.fraction() * 90);
  });
}

/** "On My iPhone" in the Files app. */
function placeFilesOnPhone(family: Making, count: number): void {
  const { place, random, seed } = family;
  const root = placeIn(family, 'AppDomainGroup-group.com.apple.FileProvider.LocalStorage', '');
  for (let index = 0; index < count; index += 1) {
    const document = inventDocument(random, `${seed}/files/${index}`, index);
    const folder = random.pick(['Downloads', 'School/Year 5', 'School/Year 6', 'Scans', 'Trips/Lake']);
    place.file(`${root}/File Provider Storage/${folder}/${document.name}`, document.content, 'app');
  }
}

/** Bought music comes from the store again, and caches are filled again. Source: backup-format, 7.1. */
function placeWhatNobodyBacksUp({ place, seed }: Making, songs: number): void {
  for (let index = 0; index < songs; index += 1) {
    const name = `F${String(index % 50).padStart(2, '0')}/SONG${String(index).padStart(4, '0')}.m4p`;
    const song = noiseContent(`${seed}/song/${index}`, SONG_BYTES);
    place.file(`/var/mobile/Media/iTunes_Control/Music/${name}`, song, 'app');
  }
  for (const name of ['com.apple.Safari/page.cache', 'GeoServices/tiles.cache', 'Snapshots/home.cache']) {
    place.file(`/var/mobile/Library/Caches/${name}`, noiseContent(`${seed}/${name}`, 2_000_000), 'home');
  }
}
