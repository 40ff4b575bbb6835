import { gzipSync } from 'node:zlib';
import type { Random } from '@rootcellar/core';
import { cocoaSeconds, sqliteFile } from './sqlite-file.ts';

const NOTES = [
  ['Shopping', 'Shopping\nmilk\nbread\n3 onions'],
  ['Wi-Fi at the cabin', 'Wi-Fi at the cabin\nAsk Hana, she knows.'],
  ['Ideas ✨', 'Ideas ✨\nA cellar for photos, with shelves.'],
  ['Rezept Zwetschgenknödel', 'Rezept Zwetschgenknödel\n500 g Kartoffeln, 150 g Mehl, 1 Ei'],
] as const;

/**
 * NoteStore.sqlite with its text in gzip and protobuf, as iOS keeps it.
 * Source: backup-format specification, 6.7 (a part of the real columns; column names of iOS 16 and later).
 */
export function noteDatabase(now: Date): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
CREATE TABLE ZICCLOUDSYNCINGOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZIDENTIFIER VARCHAR,
  ZMARKEDFORDELETION INTEGER, ZISPASSWORDPROTECTED INTEGER, ZISPINNED INTEGER, ZFOLDER INTEGER, ZACCOUNT7 INTEGER,
  ZNOTEDATA INTEGER, ZCREATIONDATE3 TIMESTAMP, ZMODIFICATIONDATE1 TIMESTAMP, ZTITLE1 VARCHAR, ZTITLE2 VARCHAR,
  ZSNIPPET VARCHAR, ZNAME VARCHAR, ZPASSWORDHINT VARCHAR);
CREATE TABLE ZICNOTEDATA (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZNOTE INTEGER, ZDATA BLOB);
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
INSERT INTO Z_PRIMARYKEY VALUES (12, 'ICNote', 3, 6), (14, 'ICAccount', 3, 1), (15, 'ICFolder', 3, 2), (19, 'ICNoteData', 0, 4);
INSERT INTO ZICCLOUDSYNCINGOBJECT (Z_PK, Z_ENT, ZIDENTIFIER, ZNAME) VALUES (1, 14, 'LocalAccount', 'On My iPhone');
INSERT INTO ZICCLOUDSYNCINGOBJECT (Z_PK, Z_ENT, ZIDENTIFIER, ZTITLE2, ZACCOUNT7)
  VALUES (2, 15, 'DefaultFolder-LocalAccount', 'Notes', 1);`);
    const note = db.prepare(
      `INSERT INTO ZICCLOUDSYNCINGOBJECT (Z_PK, Z_ENT, ZIDENTIFIER, ZMARKEDFORDELETION, ZISPASSWORDPROTECTED, ZFOLDER,
        ZACCOUNT7, ZNOTEDATA, ZCREATIONDATE3, ZMODIFICATIONDATE1, ZTITLE1, ZSNIPPET) VALUES (?, 12, ?, 0, 0, 2, 1, ?, ?, ?, ?, ?)`,
    );
    const data = db.prepare('INSERT INTO ZICNOTEDATA VALUES (?, 19, 1, ?, ?)');
    NOTES.forEach(([title, text], index) => {
      const date = cocoaSeconds(now) - (index + 1) * 200_000;
      note.run(3 + index, `note-${index}`, index + 1, date, date, title, text.split('\n')[1] ?? '');
      data.run(index + 1, 3 + index, gzipSync(noteProtobuf(text)));
    });
  });
}

/** Field 2 (document) → 3 (note) → 2 (text) and one attribute run over all of it. */
function noteProtobuf(text: string): Uint8Array {
  const run = field(5, Buffer.from([0x08, ...varint([...text].length)]));
  const note = Buffer.concat([field(2, Buffer.from(text)), run]);
  return field(2, Buffer.concat([Buffer.from([0x08, 0, 0x10, 0]), field(3, note)]));
}

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(content.length)]), content]);
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

const PAGES = [
  ['https://example.org/trails', 'Trails near the lake'],
  ['https://example.com/recipes/dumplings?for=4', 'Plum dumplings for four'],
  ['https://example.net/', 'Example'],
  ['https://xn--bcher-kva.example/', 'Bücher'],
] as const;

/** Safari's History.db. Source: backup-format specification, 6.9. */
export function historyDatabase(random: Random, now: Date): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
CREATE TABLE history_items (id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL UNIQUE, domain_expansion TEXT,
  visit_count INTEGER NOT NULL, daily_visit_counts BLOB NOT NULL, weekly_visit_counts BLOB);
CREATE TABLE history_visits (id INTEGER PRIMARY KEY AUTOINCREMENT, history_item INTEGER NOT NULL, visit_time REAL NOT NULL,
  title TEXT, load_successful BOOLEAN NOT NULL DEFAULT 1, redirect_source INTEGER, redirect_destination INTEGER,
  origin INTEGER NOT NULL DEFAULT 0);
CREATE TABLE history_tombstones (id INTEGER PRIMARY KEY AUTOINCREMENT, start_time REAL NOT NULL, end_time REAL NOT NULL,
  url TEXT);`);
    const item = db.prepare("INSERT INTO history_items VALUES (?, ?, ?, ?, x'', NULL)");
    const visit = db.prepare('INSERT INTO history_visits (history_item, visit_time, title) VALUES (?, ?, ?)');
    PAGES.forEach(([url, title], index) => {
      const visits = 1 + random.below(5);
      item.run(index + 1, url, new URL(url).hostname.split('.')[0] ?? '', visits);
      for (let count = 0; count < visits; count += 1) {
        visit.run(index + 1, cocoaSeconds(now) - random.below(2_000_000) - 200, title);
      }
    });
  });
}

/** One picture in the library. */
export interface LibraryAsset {
  readonly folder: string;
  readonly name: string;
  readonly takenAt: Date;
  readonly sizeBytes: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Photos.sqlite with an album. The join table's number is that of iOS 26.
 * Source: backup-format specification, 6.8 (a part of the real columns).
 */
export function photoDatabase(random: Random, assets: readonly LibraryAsset[]): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
CREATE TABLE ZASSET (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZADDITIONALATTRIBUTES INTEGER,
  ZFAVORITE INTEGER, ZHEIGHT INTEGER, ZHIDDEN INTEGER, ZKIND INTEGER, ZKINDSUBTYPE INTEGER, ZORIENTATION INTEGER,
  ZSAVEDASSETTYPE INTEGER, ZTRASHEDSTATE INTEGER, ZVISIBILITYSTATE INTEGER, ZWIDTH INTEGER, ZADDEDDATE TIMESTAMP,
  ZDATECREATED TIMESTAMP, ZDURATION FLOAT, ZLATITUDE FLOAT, ZLONGITUDE FLOAT, ZMODIFICATIONDATE TIMESTAMP,
  ZTRASHEDDATE TIMESTAMP, ZDIRECTORY VARCHAR, ZFILENAME VARCHAR, ZUNIFORMTYPEIDENTIFIER VARCHAR, ZUUID VARCHAR);
CREATE TABLE ZADDITIONALASSETATTRIBUTES (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZASSET INTEGER,
  ZORIGINALFILESIZE INTEGER, ZTIMEZONEOFFSET INTEGER, ZCREATORBUNDLEID VARCHAR, ZEXIFTIMESTAMPSTRING VARCHAR,
  ZORIGINALFILENAME VARCHAR, ZTIMEZONENAME VARCHAR);
CREATE TABLE ZGENERICALBUM (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZKIND INTEGER, ZTRASHEDSTATE INTEGER,
  ZTITLE VARCHAR, ZUUID VARCHAR);
CREATE TABLE Z_33ASSETS (Z_33ALBUMS INTEGER, Z_3ASSETS INTEGER, PRIMARY KEY (Z_33ALBUMS, Z_3ASSETS));
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
INSERT INTO Z_PRIMARYKEY VALUES (1, 'AdditionalAssetAttributes', 0, 20), (3, 'Asset', 0, 20), (33, 'GenericAlbum', 0, 1);
INSERT INTO ZGENERICALBUM VALUES (1, 33, 1, 2, 0, 'Sommer am See', '0F0E0D0C-0000-4000-8000-000000000001');`);
    const asset = db.prepare(
      `INSERT INTO ZASSET VALUES (?, 3, 1, ?, ?, ?, 0, 0, 0, 1, 3, 0, 0, ?, ?, ?, 0, -180, -180, ?, NULL, ?, ?,
        'public.jpeg', ?)`,
    );
    const more = db.prepare(
      `INSERT INTO ZADDITIONALASSETATTRIBUTES VALUES (?, 1, 1, ?, ?, 0, 'com.apple.camera', ?, ?, 'GMT')`,
    );
    const inAlbum = db.prepare('INSERT INTO Z_33ASSETS VALUES (1, ?)');
    assets.forEach(({ folder, name, takenAt, sizeBytes, width, height }, index) => {
      const row = index + 1;
      const date = cocoaSeconds(takenAt);
      const uuid = `0F0E0D0C-0000-4000-8001-${String(row).padStart(12, '0')}`;
      asset.run(row, row, random.below(5) === 0 ? 1 : 0, height, width, date, date, date, folder, name, uuid);
      const exif = takenAt.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
      more.run(row, row, sizeBytes, exif, name);
      if (row % 3 === 0) inAlbum.run(row);
    });
  });
}
