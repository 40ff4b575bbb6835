import { encodeBinaryPlist, encodeXmlPlist, PlistReal } from '@rootcellar/codecs';
import { type Random, seededRandom } from '@rootcellar/core';
import type { InstalledApp } from '../phone/phone.ts';
import { historyDatabase, type LibraryAsset, noteDatabase, photoDatabase } from './app-databases.ts';
import { containerUUID, findDomain } from './domains.ts';
import { placeSystem, SYSTEM_APPS } from './fresh.ts';
import { encodeJpeg } from './jpeg.ts';
import { type MessageAttachment, messageDatabase } from './message-database.ts';
import { inventPeople, type Person } from './people.ts';
import { callDatabase, contactDatabase } from './people-databases.ts';
import type { ContentOptions, PhoneContent } from './phone-content.ts';
import { paintLandscape } from './picture.ts';
import { type Placing, placing } from './placing.ts';
import { encodePng } from './png.ts';

const PHOTOS = 20;
const PHOTO_WIDTH = 320;
const PHOTO_HEIGHT = 240;

/** One file that does not fit into a single block: random, so that nothing compresses it away. */
const LARGE_FILE_BYTES = 3 * 1024 * 1024;

interface Making {
  readonly place: Placing;
  readonly random: Random;
  readonly now: Date;
  readonly people: readonly Person[];
  readonly apps: readonly InstalledApp[];
}

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
      const random = seededRandom(`${seed}/tiny`);
      const making: Making = {
        place: placing(files, random, now),
        random,
        now,
        people: inventPeople(random, 12),
        apps,
      };
      placeMessages(making);
      placePeople(making);
      placePhotos(making);
      placeSettings(making);
      placeSafariAndNotes(making);
      for (const app of apps) if (app.kind === 'User') placeApp(making, app);
      placeOddities(making);
    },
  };
}

function userApps(random: Random): readonly InstalledApp[] {
  const app = (bundleID: string, displayName: string, more: Partial<InstalledApp>): InstalledApp => ({
    bundleID,
    displayName,
    version: '3.2.1',
    kind: 'User',
    groups: [],
    plugins: [],
    containerUUID: containerUUID(`AppDomain-${bundleID}`),
    sinf: random.bytes(1024),
    metadata: encodeXmlPlist({
      itemName: displayName,
      artistName: 'Example Software',
      bundleShortVersionString: '3.2.1',
      softwareVersionBundleId: bundleID,
      genre: 'Productivity',
    }),
    iconPng: encodePng(paintLandscape(random, 60, 60)),
    ...more,
  });
  return [
    app('com.example.trails', 'Trails', {
      groups: ['group.com.example.trails.shared'],
      plugins: ['com.example.trails.widget'],
    }),
    app('org.example.reader', 'Bücherwurm', {}),
    app('net.example.ledger', 'Ledger 📒', {}),
  ];
}

function placeMessages({ place, random, people, now }: Making): void {
  const attachments: MessageAttachment[] = [];
  for (let index = 0; index < 6; index += 1) {
    const picture = encodeJpeg(paintLandscape(random, 120, 90));
    const path = `Library/SMS/Attachments/0${index}/1${index}/at_0_${index}/photo ${index}.jpeg`;
    place.file(`/var/mobile/${path}`, picture, 'shared');
    attachments.push({ path, sizeBytes: picture.length });
  }
  place.file('/var/mobile/Library/SMS/sms.db', messageDatabase(random, people, attachments, now), 'shared');
  place.folder('/var/mobile/Library/SMS/Drafts', 'home');
}

function placePeople({ place, random, people, now }: Making): void {
  const library = '/var/mobile/Library';
  place.file(`${library}/AddressBook/AddressBook.sqlitedb`, contactDatabase(people, now), 'shared');
  place.file(`${library}/CallHistoryDB/CallHistory.storedata`, callDatabase(random, people, now), 'home');
  place.folder(`${library}/Calendar`, 'home');
  place.folder(`${library}/Voicemail`, 'home');
}

function placePhotos({ place, random, now }: Making): void {
  const assets: LibraryAsset[] = [];
  for (let index = 1; index <= PHOTOS; index += 1) {
    const name = `IMG_${String(index).padStart(4, '0')}.JPG`;
    const picture = paintLandscape(random, PHOTO_WIDTH, PHOTO_HEIGHT);
    const jpeg = encodeJpeg(picture);
    const takenAt = new Date(now.getTime() - (PHOTOS - index + 1) * 9 * 3_600_000);
    const seconds = Math.floor(takenAt.getTime() / 1000);
    const times = { bornAt: seconds, modifiedAt: seconds, changedAt: seconds };
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
    });
  }
  place.file('/var/mobile/Media/PhotoData/Photos.sqlite', photoDatabase(random, assets), 'app');
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

const SETTINGS = [
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

function placeSettings({ place, random }: Making): void {
  for (const [index, name] of SETTINGS.entries()) {
    const settings = {
      LastLaunched: new Date(1_750_000_000_000 + index * 86_400_000),
      Launches: random.below(5000),
      Volume: new PlistReal(random.fraction()),
      Enabled: random.below(2) === 1,
      Token: random.bytes(16),
    };
    const path = `/var/mobile/Library/Preferences/com.apple.${name}.plist`;
    place.file(path, encodeBinaryPlist(settings), index % 4 === 0 ? 'shared' : 'home');
  }
  place.file(
    '/var/mobile/Library/SpringBoard/IconState.plist',
    encodeBinaryPlist({ buttonBar: ['com.apple.mobilephone', 'com.apple.mobilesafari'], iconLists: [[]] }),
    'home',
  );
  place.file(
    '/var/Managed Preferences/mobile/com.apple.webcontentfilter.plist',
    encodeBinaryPlist({ restrictWeb: false }),
    'managed',
  );
  place.file('/var/mobile/Library/Keyboard/user_model_database.txt', Buffer.from('hallo\nhello\n'), 'home');
}

function placeSafariAndNotes({ place, random, now, apps }: Making): void {
  place.file('/var/mobile/Library/Safari/History.db', historyDatabase(random, now), 'home');
  const notes = findDomain('AppDomainGroup-group.com.apple.notes', apps)?.root;
  place.file(`${notes}/NoteStore.sqlite`, noteDatabase(now), 'app');
  place.folder(`${notes}/Accounts/LocalAccount/Media`, 'app');
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
