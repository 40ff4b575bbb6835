import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '@rootcellar/core';
import { afterAll, describe, expect, it } from 'vitest';
import { inventPeople } from '../people.ts';
import { sqliteFile } from '../sqlite-file.ts';
import { calendarDatabase } from './calendar.ts';
import { callDatabase } from './calls.ts';
import { contactDatabase, contactImageDatabase } from './contacts.ts';
import { messageDatabase } from './messages.ts';
import { noteDatabase } from './notes.ts';
import { photoDatabase } from './photos.ts';
import { privacyDatabase } from './privacy.ts';
import { bookmarkDatabase, historyDatabase } from './safari.ts';
import { encodeAttributedText } from './typed-stream.ts';
import { columnsOf, createTables } from './versioned-tables.ts';
import { voicemailDatabase } from './voicemail.ts';

const now = new Date('2026-05-03T10:00:00Z');
const people = inventPeople(seededRandom(1), 20);
const SYSTEMS = [12.01, 13.07, 14.08, 15.06, 16.07, 17.05, 17.06, 18.06, 26.01];

const folder = mkdtempSync(join(tmpdir(), 'databases-'));
afterAll(() => rmSync(folder, { recursive: true }));

function open(bytes: Uint8Array): DatabaseSync {
  const path = join(folder, 'one.db');
  writeFileSync(path, bytes);
  return new DatabaseSync(path, { readOnly: true });
}

function look<Result>(bytes: Uint8Array, read: (db: DatabaseSync) => Result): Result {
  const db = open(bytes);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

const count = (db: DatabaseSync, query: string): unknown =>
  db.prepare(`SELECT count(*) AS n FROM ${query}`).get()?.['n'];

const messages = (system: number): Uint8Array =>
  messageDatabase({
    random: seededRandom(2),
    people,
    attachments: [{ path: 'Library/SMS/Attachments/00/00/at_0_0/IMG_0000.jpeg', sizeBytes: 5 }],
    now,
    system,
    messages: 600,
  });

const photos = (system: number): Uint8Array =>
  photoDatabase(
    [1, 2, 3].map((number) => ({
      folder: 'DCIM/100APPLE',
      name: `IMG_000${number}.JPG`,
      takenAt: 1_777_000_000,
      sizeBytes: 9,
      width: 4,
      height: 3,
      kind: 'photo',
    })),
    system,
  );

describe.each(SYSTEMS)('the databases of iOS %f', (system) => {
  const options = { random: seededRandom(3), people, now, system };
  const all: Readonly<Record<string, Uint8Array>> = {
    messages: messages(system),
    photos: photos(system),
    contacts: contactDatabase(seededRandom(3), people, options),
    portraits: contactImageDatabase(people, system),
    calls: callDatabase({ ...options, calls: 40 }),
    notes: noteDatabase({ ...options, notes: 9 }),
    history: historyDatabase({ ...options, pages: 12 }),
    bookmarks: bookmarkDatabase({ ...options, pages: 12 }),
    calendar: calendarDatabase({ ...options, events: 30 }),
    voicemail: voicemailDatabase({ ...options, voicemails: [{ row: 1, seconds: 3 }] }),
    privacy: privacyDatabase(seededRandom(3), [], options),
  };

  it('are sound', () => {
    for (const [name, bytes] of Object.entries(all)) {
      const verdict = look(bytes, (db) => db.prepare('PRAGMA integrity_check').get()?.['integrity_check']);
      expect([name, verdict]).toEqual([name, 'ok']);
    }
  });

  it('have the columns of that system', () => {
    look(messages(system), (db) => {
      const has = (column: string): boolean => columnsOf(db, 'message').has(column);
      expect(has('attributedBody')).toBe(true);
      expect(has('thread_originator_guid')).toBe(system >= 14);
      expect(has('date_edited')).toBe(system >= 16);
      expect(has('associated_message_emoji')).toBe(system >= 18);
      expect(columnsOf(db, 'handle').has('person_centric_id')).toBe(system >= 13);
      expect(columnsOf(db, 'chat_recoverable_message_join').size > 0).toBe(system >= 16);
      expect(Number(count(db, 'message WHERE attributedBody IS NOT NULL')) > 0).toBe(system >= 14);
      expect(Number(count(db, 'message WHERE text IS NULL')) > 0).toBe(system >= 16);
    });
    look(photos(system), (db) => {
      expect(count(db, system < 14 ? 'ZGENERICASSET' : 'ZASSET')).toBe(3);
      const joins = db.prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'Z_[0-9]*ASSETS'").all();
      expect(joins).toEqual([{ name: JOINS[system] }]);
    });
    look(all['notes'] ?? new Uint8Array(), (db) => {
      const columns = columnsOf(db, 'ZICCLOUDSYNCINGOBJECT');
      expect(columns.has('ZCREATIONDATE1')).toBe(system < 15);
      expect(columns.has('ZCREATIONDATE3')).toBe(system >= 15);
      const account = ACCOUNTS.find(([since]) => since <= system)?.[1] ?? '';
      expect(count(db, `ZICCLOUDSYNCINGOBJECT WHERE ${account} = 1 AND ZNOTEDATA IS NOT NULL`)).toBe(9);
      const data = db.prepare('SELECT ZDATA FROM ZICNOTEDATA').get()?.['ZDATA'];
      expect(gunzipSync(data as Uint8Array).includes('Shopping')).toBe(true);
    });
    look(all['calls'] ?? new Uint8Array(), (db) => {
      const kind = db.prepare('SELECT typeof(ZADDRESS) AS kind FROM ZCALLRECORD').get()?.['kind'];
      expect(kind).toBe(system < 13 ? 'blob' : 'text');
    });
  });
});

/** Source: backup-format specification, 6.8 and 6.7. */
const JOINS: Readonly<Record<number, string>> = {
  12.01: 'Z_23ASSETS',
  13.07: 'Z_26ASSETS',
  14.08: 'Z_26ASSETS',
  15.06: 'Z_27ASSETS',
  16.07: 'Z_28ASSETS',
  17.05: 'Z_28ASSETS',
  17.06: 'Z_29ASSETS',
  18.06: 'Z_30ASSETS',
  26.01: 'Z_33ASSETS',
};
const ACCOUNTS = [
  [16, 'ZACCOUNT7'],
  [15, 'ZACCOUNT4'],
  [14, 'ZACCOUNT3'],
  [12, 'ZACCOUNT2'],
] as const;

it('messages hang together: chats, senders, tapbacks, answers and dates', () => {
  look(messages(26.01), (db) => {
    expect(count(db, 'message')).toBe(600);
    expect(count(db, 'message m JOIN chat_message_join j ON j.message_id = m.ROWID')).toBe(600);
    expect(count(db, 'message WHERE handle_id > 0 AND handle_id NOT IN (SELECT ROWID FROM handle)')).toBe(0);
    expect(Number(count(db, 'chat WHERE style = 43'))).toBeGreaterThan(1);
    const targets = 'substr(associated_message_guid, 5) IN (SELECT guid FROM message)';
    const tapbacks = count(db, 'message WHERE associated_message_type BETWEEN 2000 AND 2005');
    expect(Number(tapbacks)).toBeGreaterThan(5);
    expect(count(db, `message WHERE associated_message_type > 0 AND ${targets}`)).toBe(tapbacks);
    expect(
      Number(count(db, 'message WHERE thread_originator_guid IN (SELECT guid FROM message)')),
    ).toBeGreaterThan(5);
    const newest = db.prepare('SELECT max(date) / 1000000000 + 978307200 AS at FROM message').get()?.['at'];
    expect(newest).toBe(now.getTime() / 1000 - 120);
  });
});

it('texts are kept in the typed stream that readers of backups know', () => {
  const hello = Buffer.from(encodeAttributedText('Hello')).toString('hex');
  expect(hello).toContain(Buffer.from('streamtyped').toString('hex'));
  // Class name, inline marker, length, text: what every extractor looks for.
  expect(hello).toContain(`4e53537472696e67019484012b05${Buffer.from('Hello').toString('hex')}86`);
  const long = Buffer.from(encodeAttributedText('ä'.repeat(100)));
  expect(long.includes(Buffer.from([0x2b, 0x81, 200, 0]))).toBe(true);
});

it('a row with a column that no system has is refused', () => {
  const tables = [{ name: 'one', columns: ['id INTEGER', { sql: 'newer TEXT', since: 20 }] }];
  expect(() =>
    sqliteFile((db) => createTables(db, tables, 12)('one', { id: 1, newer: 'x', typo: 2 })),
  ).toThrow(RangeError);
  const bytes = sqliteFile((db) => void createTables(db, tables, 12)('one', { id: 1, newer: 'left out' }));
  expect(look(bytes, (db) => db.prepare('SELECT * FROM one').all())).toEqual([{ id: 1 }]);
});
