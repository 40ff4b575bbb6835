import { encodeBinaryPlist, type PlistValue } from '@rootcellar/codecs';
import { seededRandom } from '@rootcellar/core';
import { healthDatabase, healthSourceDatabase } from './databases/health.ts';
import type { Making } from './making.ts';
import { placeKeychain } from './place-keychain.ts';
import { cocoaSeconds, inventUuid, sqliteFile } from './sqlite-file.ts';

const LIBRARY = '/var/mobile/Library';
const PREFERENCES = '/var/preferences';

export interface PrivateAmounts {
  readonly networks: readonly string[];
  readonly websites: number;
  readonly behindPasscode: number;
  readonly healthSamples: number;
  readonly interactions: number;
}

/**
 * What only encrypted backups hold, but for the histories of calls and pages.
 * Source: backup-format specification, section 5.9.
 */
export function placePrivate(making: Making, amounts: PrivateAmounts): void {
  // Chance of its own: what else is on the phone does not depend on it.
  const random = seededRandom(`${making.seed}/private`);
  const privately = { ...making, random };
  placeKeychain(privately, amounts);
  placeHealth(privately, amounts.healthSamples);
  placeHome(privately);
  placeNetworks(privately, amounts.networks);
  const people = `${LIBRARY}/CoreDuet/People/interactionC.db`;
  making.place.file(people, interactionDatabase(privately, amounts.interactions), 'home');
}

function placeHealth({ place, random, now, people }: Making, samples: number): void {
  const health = `${LIBRARY}/Health`;
  const secure = healthDatabase({ random, now, samples });
  place.file(`${health}/healthdb_secure.sqlite`, secure, 'home', { protectionClass: 1 });
  const name = `${people[0]?.first ?? 'Somebody'}’s iPhone`;
  place.file(`${health}/healthdb.sqlite`, healthSourceDatabase(name), 'home', { protectionClass: 2 });
  const medical = { bloodType: 'O+', isOrganDonor: true, emergencyContacts: [people[1]?.phone ?? ''] };
  place.file(`${LIBRARY}/MedicalID/MedicalIDData.plist`, encodeBinaryPlist(medical), 'home');
}

function placeHome({ place, random }: Making): void {
  const rooms = ['Kitchen', 'Cellar', 'Attic'].map((name) => ({ name, uuid: inventUuid(random) }));
  const home = { name: 'Home', uuid: inventUuid(random), rooms };
  place.file(`${LIBRARY}/homed/home.plist`, encodeBinaryPlist(home), 'home', { protectionClass: 3 });
}

/** The names agree with the passwords in the keychain. */
function placeNetworks({ place, random, now }: Making, names: readonly string[]): void {
  const known: Record<string, PlistValue> = {};
  for (const name of names) {
    known[`wifi.network.ssid.${name}`] = {
      SSID: new TextEncoder().encode(name),
      AddedAt: new Date(now.getTime() - random.below(300) * 86_400_000),
      AddReason: 'WiFi Settings',
      Hidden: false,
      SupportedSecurityTypes: 'WPA2/WPA3 Personal',
    };
  }
  place.file(`${PREFERENCES}/com.apple.wifi.known-networks.plist`, encodeBinaryPlist(known), 'system');
  const wifi = { AllowEnable: 1, AskToJoinPreference: false };
  place.file(`${PREFERENCES}/SystemConfiguration/com.apple.wifi.plist`, encodeBinaryPlist(wifi), 'system');
}

/** With whom the owner has to do, and when. Unknown: most of its columns. */
function interactionDatabase({ random, people, now }: Making, interactions: number): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
      CREATE TABLE ZCONTACTS (Z_PK INTEGER PRIMARY KEY, ZDISPLAYNAME VARCHAR, ZIDENTIFIER VARCHAR);
      CREATE TABLE ZINTERACTIONS (Z_PK INTEGER PRIMARY KEY, ZSENDER INTEGER, ZSTARTDATE TIMESTAMP, ZBUNDLEID VARCHAR)`);
    const contact = db.prepare('INSERT INTO ZCONTACTS VALUES (?, ?, ?)');
    people.forEach(({ first, last, phone }, index) => {
      contact.run(index + 1, `${first} ${last}`, phone);
    });
    const add = db.prepare("INSERT INTO ZINTERACTIONS VALUES (?, ?, ?, 'com.apple.MobileSMS')");
    for (let row = 1; row <= interactions; row += 1) {
      add.run(row, 1 + random.below(Math.max(1, people.length)), cocoaSeconds(now) - random.below(5_000_000));
    }
  });
}
