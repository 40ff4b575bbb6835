import type { Random } from '@rootcellar/core';
import type { Person } from './people.ts';
import { cocoaSeconds, sqliteFile } from './sqlite-file.ts';

/** AddressBook.sqlitedb. Source: backup-format specification, 6.5 (a part of the real columns). */
export function contactDatabase(people: readonly Person[], now: Date): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, First TEXT, Last TEXT, Middle TEXT, Prefix TEXT,
  Suffix TEXT, Nickname TEXT, Organization TEXT, Department TEXT, JobTitle TEXT, Note TEXT, Birthday TEXT,
  Kind INTEGER, DisplayName TEXT, CreationDate INTEGER, ModificationDate INTEGER, StoreID INTEGER, PersonLink INTEGER);
CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER,
  label INTEGER, value TEXT);
CREATE TABLE ABMultiValueLabel (value TEXT, UNIQUE(value));
CREATE TABLE ABMultiValueEntry (parent_id INTEGER, key INTEGER, value TEXT, UNIQUE(parent_id, key));
CREATE TABLE ABMultiValueEntryKey (value TEXT, UNIQUE(value));
CREATE TABLE ABStore (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT, Type INTEGER, AccountID INTEGER);
CREATE TABLE ABGroup (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT, StoreID INTEGER);
CREATE TABLE ABGroupMembers (UID INTEGER PRIMARY KEY, group_id INTEGER, member_type INTEGER, member_id INTEGER);
INSERT INTO ABMultiValueLabel VALUES ('_$!<Mobile>!$_'), ('_$!<Home>!$_'), ('_$!<Work>!$_');
INSERT INTO ABMultiValueEntryKey VALUES ('Street'), ('City'), ('ZIP'), ('CountryCode');
INSERT INTO ABStore VALUES (0, NULL, 0, -1);`);
    const person = db.prepare(
      'INSERT INTO ABPerson (ROWID, First, Last, Kind, CreationDate, ModificationDate, StoreID) VALUES (?, ?, ?, 0, ?, ?, 0)',
    );
    const value = db.prepare('INSERT INTO ABMultiValue VALUES (?, ?, ?, ?, ?, ?)');
    people.forEach(({ first, last, phone, email }, index) => {
      const row = index + 1;
      const date = cocoaSeconds(now) - row * 86_400;
      person.run(row, first, last, date, date);
      value.run(row * 2 - 1, row, 3, 0, 1, phone);
      value.run(row * 2, row, 4, 0, 2, email);
    });
  });
}

/** CallHistory.storedata. Source: backup-format specification, 6.6 (a part of the real columns). */
export function callDatabase(random: Random, people: readonly Person[], now: Date): Uint8Array {
  return sqliteFile((db) => {
    db.exec(`
CREATE TABLE ZCALLRECORD (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZANSWERED INTEGER,
  ZCALLTYPE INTEGER, ZDISCONNECTED_CAUSE INTEGER, ZORIGINATED INTEGER, ZREAD INTEGER, ZDATE TIMESTAMP,
  ZDURATION FLOAT, ZFACE_TIME_DATA FLOAT, ZADDRESS VARCHAR, ZISO_COUNTRY_CODE VARCHAR, ZLOCATION VARCHAR,
  ZNAME VARCHAR, ZSERVICE_PROVIDER VARCHAR, ZUNIQUE_ID VARCHAR);
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE Z_METADATA (Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB);
INSERT INTO Z_PRIMARYKEY VALUES (1, 'CallRecord', 0, 24);`);
    const insert = db.prepare(
      `INSERT INTO ZCALLRECORD (Z_PK, Z_ENT, Z_OPT, ZANSWERED, ZCALLTYPE, ZORIGINATED, ZREAD, ZDATE, ZDURATION, ZADDRESS,
        ZISO_COUNTRY_CODE, ZSERVICE_PROVIDER, ZUNIQUE_ID) VALUES (?, 1, 1, ?, ?, ?, 1, ?, ?, ?, 'us', ?, ?)`,
    );
    for (let row = 1; row <= 24; row += 1) {
      const answered = random.below(4) > 0 ? 1 : 0;
      const type = random.pick([1, 1, 8, 16]);
      const provider = type === 1 ? 'com.apple.Telephony' : 'com.apple.FaceTime';
      const date = cocoaSeconds(now) - (25 - row) * 40_000;
      const duration = answered ? random.below(1800) : 0;
      const caller = random.pick(people).phone;
      insert.run(row, answered, type, random.below(2), date, duration, caller, provider, `call-${row}`);
    }
  });
}
