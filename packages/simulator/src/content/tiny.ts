import { encodeBinaryPlist } from '@rootcellar/codecs';
import { type Random, seededRandom } from '@rootcellar/core';
import type { InstalledApp } from '../phone/phone.ts';
import { type MessageAttachment, messageDatabase } from './databases/messages.ts';
import { type LibraryAsset, photoDatabase } from './databases/photos.ts';
import { findDomain } from './domains.ts';
import { placeSystem, SYSTEM_APPS } from './fresh.ts';
import { encodeJpeg } from './jpeg.ts';
import { type Making, making } from './making.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { paintLandscape } from './picture.ts';
import { placePrivate } from './place-private.ts';
import { placeRecords } from './place-records.ts';
import { NAMED_SETTINGS, placeSettings } from './place-settings.ts';
import { placing } from './placing.ts';
import { userApp } from './user-apps.ts';

const PHOTOS = 20;
const PHOTO_WIDTH = 320;
const PHOTO_HEIGHT = 240;

const MESSAGES = 60;

/** One file that does not fit into a single block: random, so that nothing compresses it away. */
const LARGE_FILE_BYTES = 3 * 1024 * 1024;

/**
 * A small phone in daily use: about 200 real files of every kind a backup meets – databases, photos,
 * settings, three apps with documents, and names that trip careless programs.
 */
export function tinyContent(options: ContentOptions): PhoneContent {
  const { seed, now } = options;
  const apps = [...SYSTEM_APPS, ...userApps(seededRandom(`${seed}/apps`))];
  return {
    apps,
    fill: (files) => {
      placeSystem(placing(files, seededRandom(`${seed}/system`), now));
      const tiny = making(files, options, { name: 'tiny', people: 12, apps });
      placeMessages(tiny);
      placeRecords(tiny, { calls: 24, notes: 4, pages: 4, events: 8, voicemails: 1 });
      placePhotos(tiny);
      placeSettings(tiny, NAMED_SETTINGS);
      for (const app of apps) if (app.kind === 'User') placeApp(tiny, app);
      placeOddities(tiny);
      placePrivate(tiny, {
        networks: ['Cabin', 'Café Zürich', 'Gäste 📶'],
        websites: 5,
        behindPasscode: 0,
        healthSamples: 120,
        interactions: 30,
      });
    },
  };
}

function userApps(random: Random): readonly InstalledApp[] {
  return [
    userApp(random, 'com.example.trails', 'Trails', {
      groups: ['group.com.example.trails.shared'],
      plugins: ['com.example.trails.widget'],
    }),
    userApp(random, 'org.example.reader', 'Bücherwurm'),
    userApp(random, 'net.example.ledger', 'Ledger 📒'),
  ];
}

function placeMessages({ place, random, people, now, system }: Making): void {
  const attachments: MessageAttachment[] = [];
  for (let index = 0; index < 6; index += 1) {
    const picture = encodeJpeg(paintLandscape(random, 120, 90));
    const path = `Library/SMS/Attachments/0${index}/1${index}/at_0_${index}/photo ${index}.jpeg`;
    place.file(`/var/mobile/${path}`, picture, 'shared');
    attachments.push({ path, sizeBytes: picture.length });
  }
  const database = messageDatabase({ random, people, attachments, now, system, messages: MESSAGES });
  place.file('/var/mobile/Library/SMS/sms.db', database, 'shared');
  place.folder('/var/mobile/Library/SMS/Drafts', 'home');
}

function placePhotos({ place, random, now, system }: Making): void {
  const assets: LibraryAsset[] = [];
  for (let index = 1; index <= PHOTOS; index += 1) {
    const name = `IMG_${String(index).padStart(4, '0')}.JPG`;
    const picture = paintLandscape(random, PHOTO_WIDTH, PHOTO_HEIGHT);
    const jpeg = encodeJpeg(picture);
    const takenAt = Math.floor(now.getTime() / 1000) - (PHOTOS - index + 1) * 9 * 3600;
    const times = { bornAt: takenAt, modifiedAt: takenAt, changedAt: takenAt };
    place.file(`/var/mobile/Media/DCIM/100APPLE/${name}`, jpeg, 'app', times);
    const thumbnail = encodeJpeg(shrink(picture));
    place.file(
      `/var/mobile/Media/PhotoData/Thumbnails/V2/DCIM/100APPLE/${name}/5005.JPG`,
      thumbnail,
      'app',
      times,
    );
    assets.push({
      folder: 'DCIM/100APPLE',
      name,
      takenAt,
      sizeBytes: jpeg.length,
      width: PHOTO_WIDTH,
      height: PHOTO_HEIGHT,
      kind: 'photo',
    });
  }
  place.file('/var/mobile/Media/PhotoData/Photos.sqlite', photoDatabase(assets, system), 'app');
}

/** Every fourth pixel of every fourth row. */
function shrink({ width, rgb }: { readonly width: number; readonly rgb: Uint8Array }) {
  const small = { width: PHOTO_WIDTH / 4, height: PHOTO_HEIGHT / 4 };
  const pixels = new Uint8Array(small.width * small.height * 3);
  for (let y = 0; y < small.height; y += 1) {
    for (let x = 0; x < small.width; x += 1) {
      const from = (y * 4 * width + x * 4) * 3;
      pixels.set(rgb.subarray(from, from + 3), (y * small.width + x) * 3);
    }
  }
  return { ...small, rgb: pixels };
}

function placeApp({ place, random, apps }: Making, app: InstalledApp): void {
  const root = findDomain(`AppDomain-${app.bundleID}`, apps)?.root;
  for (let index = 0; index < 14; index += 1) {
    const text = `Chapter ${index}\n${'Once upon a time in the cellar. '.repeat(1 + random.below(60))}\n`;
    place.file(`${root}/Documents/Library ${index % 3}/chapter-${index}.txt`, Buffer.from(text), 'app');
  }
  const settings = { opened: random.below(99), user: random.bytes(8) };
  place.file(`${root}/Library/Preferences/${app.bundleID}.plist`, encodeBinaryPlist(settings), 'app');
  place.file(
    `${root}/Library/Application Support/state.json`,
    Buffer.from(JSON.stringify({ version: app.version })),
    'app',
  );
  place.file(`${root}/Library/Caches/not-backed-up.bin`, random.bytes(2000), 'app');
  place.file(`${root}/tmp/not-backed-up.tmp`, random.bytes(100), 'app');
  for (const group of app.groups) {
    const shared = findDomain(`AppDomainGroup-${group}`, apps)?.root;
    place.file(`${shared}/shared.json`, Buffer.from('{"trails":["Seeweg"]}'), 'app');
  }
  for (const plugin of app.plugins) {
    place.folder(`${findDomain(`AppDomainPlugin-${plugin}`, apps)?.root}/Documents`, 'app');
  }
}

/** What trips careless programs: names, sizes, kinds and marks. */
function placeOddities({ place, random, apps }: Making): void {
  const documents = `${findDomain('AppDomain-com.example.trails', apps)?.root}/Documents`;
  place.file(`${documents}/Gipfel 🏔️ & Täler.gpx`, Buffer.from('<gpx version="1.1"/>'), 'app');
  place.file(`${documents}/Cafe\u0301 (NFD).txt`, Buffer.from('decomposed'), 'app');
  place.file(`${documents}/Caf\u00e9 (NFC).txt`, Buffer.from('composed'), 'app');
  place.file(`${documents}/CASE.txt`, Buffer.from('upper'), 'app');
  place.file(`${documents}/case.txt`, Buffer.from('lower'), 'app');
  place.file(`${documents}/trailing dot. .`, Buffer.from('a name Windows cannot hold: <>:"|?*'), 'app');
  place.file(`${documents}/${'long '.repeat(45)}name.txt`, Buffer.from('long'), 'app');
  place.file(`${documents}/nothing inside`, new Uint8Array(), 'app');
  place.file(`${documents}/panorama.raw`, random.bytes(LARGE_FILE_BYTES), 'app', { protectionClass: 1 });
  place.folder(`${documents}/empty folder`, 'app', { protectionClass: 4 });
  place.link(`${documents}/current`, `${documents}/CASE.txt`, 'app');
  const excluded = new Map([
    ['com.apple.metadata:com_apple_backup_excludeItem', new TextEncoder().encode('com.apple.backupd')],
  ]);
  place.file(`${documents}/excluded by its app.map`, random.bytes(3000), 'app', {
    extendedAttributes: excluded,
  });
  const tagged = new Map([
    ['com.example.tag', random.bytes(64)],
    ['com.apple.lastuseddate#PS', random.bytes(16)],
  ]);
  place.file(`${documents}/tagged.txt`, Buffer.from('with extended attributes'), 'app', {
    extendedAttributes: tagged,
  });
}
