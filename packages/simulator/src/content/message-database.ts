import type { Random } from '@rootcellar/core';
import type { Person } from './people.ts';
import { cocoaSeconds, sqliteFile } from './sqlite-file.ts';

/** A picture that was sent along with a message. */
export interface MessageAttachment {
  /** Below the home folder, as sms.db names it: `Library/SMS/Attachments/…`. */
  readonly path: string;
  readonly sizeBytes: number;
}

const SENTENCES = [
  'Are you coming on Saturday?',
  'The train was late again 🙄',
  'Happy birthday! 🎂',
  'Look what I found in the cellar',
  'Grüße aus Tromsø, es ist −12 °C',
  '写真ありがとう！',
  'I will call you back in ten minutes.',
  'Can you bring the blue folder?',
  'Perfect. See you there.',
  'Did you make a backup?',
];

/**
 * sms.db with one conversation per person and a group.
 * Source: tables and units of backup-format specification, 6.3 and 6.4 (a part of the real columns).
 */
export function messageDatabase(
  random: Random,
  people: readonly Person[],
  attachments: readonly MessageAttachment[],
  now: Date,
): Uint8Array {
  return sqliteFile((db) => {
    db.exec(SCHEMA);
    const handle = db.prepare('INSERT INTO handle (ROWID, id, country, service) VALUES (?, ?, ?, ?)');
    const chat = db.prepare(
      'INSERT INTO chat (ROWID, guid, style, chat_identifier, service_name, display_name) VALUES (?, ?, ?, ?, ?, ?)',
    );
    const member = db.prepare('INSERT INTO chat_handle_join VALUES (?, ?)');
    people.forEach((person, index) => {
      handle.run(index + 1, person.phone, 'us', 'iMessage');
      chat.run(index + 1, `iMessage;-;${person.phone}`, 45, person.phone, 'iMessage', '');
      member.run(index + 1, index + 1);
    });
    const group = people.length + 1;
    chat.run(group, 'iMessage;+;chat190042', 43, 'chat190042', 'iMessage', 'Hüttenwochenende 🏔');
    for (let index = 1; index <= Math.min(3, people.length); index += 1) member.run(group, index);
    const insert = db.prepare(
      `INSERT INTO message (ROWID, guid, text, handle_id, service, date, date_read, is_from_me, is_read, is_sent,
        cache_has_attachments) VALUES (?, ?, ?, ?, 'iMessage', ?, ?, ?, 1, ?, ?)`,
    );
    const join = db.prepare('INSERT INTO chat_message_join VALUES (?, ?, ?)');
    const attachmentRow = db.prepare(
      `INSERT INTO attachment (ROWID, guid, created_date, filename, uti, mime_type, transfer_name, total_bytes)
        VALUES (?, ?, ?, ?, 'public.jpeg', 'image/jpeg', ?, ?)`,
    );
    const attachmentJoin = db.prepare('INSERT INTO message_attachment_join VALUES (?, ?)');
    const count = 60;
    for (let row = 1; row <= count; row += 1) {
      const chatRow = 1 + random.below(group);
      const fromMe = random.below(2);
      const seconds = cocoaSeconds(now) - (count - row) * 5_400 - 120;
      const nanoseconds = BigInt(seconds) * 1_000_000_000n;
      const attachment = row % 10 === 0 ? attachments[row / 10 - 1] : undefined;
      const text = attachment === undefined ? random.pick(SENTENCES) : '\ufffc';
      const sender = fromMe ? 0 : chatRow === group ? 1 : chatRow;
      insert.run(
        row,
        guid(random),
        text,
        sender,
        nanoseconds,
        nanoseconds,
        fromMe,
        fromMe,
        attachment ? 1 : 0,
      );
      join.run(chatRow, row, nanoseconds);
      if (attachment === undefined) continue;
      const name = attachment.path.slice(attachment.path.lastIndexOf('/') + 1);
      attachmentRow.run(row / 10, guid(random), seconds, `~/${attachment.path}`, name, attachment.sizeBytes);
      attachmentJoin.run(row, row / 10);
    }
  });
}

function guid(random: Random): string {
  const hex = Buffer.from(random.bytes(16)).toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const SCHEMA = `
CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key));
INSERT INTO _SqliteDatabaseProperties VALUES ('_ClientVersion', '18026');
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, country TEXT, service TEXT NOT NULL,
  uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service));
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER,
  account_id TEXT, chat_identifier TEXT, service_name TEXT, room_name TEXT, is_archived INTEGER DEFAULT 0,
  display_name TEXT, group_id TEXT, last_read_message_timestamp INTEGER DEFAULT 0);
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT,
  attributedBody BLOB, subject TEXT, handle_id INTEGER DEFAULT 0, service TEXT, account TEXT, error INTEGER DEFAULT 0,
  date INTEGER, date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 0,
  is_from_me INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0, item_type INTEGER DEFAULT 0,
  group_title TEXT, group_action_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0,
  cache_has_attachments INTEGER DEFAULT 0, associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0,
  balloon_bundle_id TEXT, payload_data BLOB, expressive_send_style_id TEXT, thread_originator_guid TEXT,
  thread_originator_part TEXT, message_summary_info BLOB, date_edited INTEGER, date_retracted INTEGER,
  destination_caller_id TEXT, associated_message_emoji TEXT);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL,
  created_date INTEGER DEFAULT 0, start_date INTEGER DEFAULT 0, filename TEXT, uti TEXT, mime_type TEXT,
  transfer_name TEXT, total_bytes INTEGER DEFAULT 0, is_sticker INTEGER DEFAULT 0, hide_attachment INTEGER DEFAULT 0);
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id));
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0,
  PRIMARY KEY (chat_id, message_id));
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE(message_id, attachment_id));
CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER, delete_date INTEGER,
  ck_sync_state INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id));
CREATE TABLE deleted_messages (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL);
`;
