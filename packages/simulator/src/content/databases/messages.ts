import type { Random } from '@rootcellar/core';
import type { Person } from '../people.ts';
import { cocoaSeconds, inventUuid, sqliteFile } from '../sqlite-file.ts';
import { inventSentence } from '../texts.ts';
import { ATTRIBUTED_BODY_SINCE, MESSAGE_TABLES, TEXT_MAY_BE_EMPTY_SINCE } from './schemas.ts';
import { encodeAttributedText } from './typed-stream.ts';
import { createTables, type Insert } from './versioned-tables.ts';

/** A picture that was sent along with a message. */
export interface MessageAttachment {
  /** Below the home folder, as sms.db names it: `Library/SMS/Attachments/…`. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** One message and where it belongs. */
export interface NewMessage {
  readonly guid: string;
  readonly text: string;
  /** Row of the chat. */
  readonly chat: number;
  /** Row of the sender's handle; 0 for the owner of the phone. */
  readonly handle: number;
  /** Cocoa seconds. */
  readonly date: number;
  readonly isRead: boolean;
  readonly attachment?: MessageAttachment | undefined;
  /** A tapback: what it is put on, and which of 2000 (love) to 2005 (question). */
  readonly tapback?: { readonly on: string; readonly type: number };
  /** The message that this one answers. */
  readonly answers?: string | undefined;
}

/** What stands in a text where an attachment is. */
const ATTACHMENT_MARK = '\ufffc';

const GROUPS = ['Hüttenwochenende 🏔', 'Family', '5b parents', 'Climbing on Tuesdays'];

const SECOND = 1_000_000_000n;

/**
 * sms.db with a conversation per person and a few groups.
 * Source: tables and units of backup-format specification, 6.3 and 6.4.
 */
export function messageDatabase(options: {
  readonly random: Random;
  readonly people: readonly Person[];
  readonly attachments: readonly MessageAttachment[];
  readonly now: Date;
  readonly system: number;
  /** How many, tapbacks included. Every attachment gets one of them. */
  readonly messages: number;
}): Uint8Array {
  const { random, people, attachments, now, system, messages } = options;
  return sqliteFile((db) => {
    const insert = createTables(db, MESSAGE_TABLES, system);
    insert('_SqliteDatabaseProperties', { key: '_ClientVersion', value: '18026' });
    const chats = addChats(insert, people);
    const attachEvery = Math.max(1, Math.floor(messages / Math.max(1, attachments.length)));
    const recent: NewMessage[] = [];
    for (let row = 1; row <= messages; row += 1) {
      const date = cocoaSeconds(now) - Math.floor((messages - row) * secondsBetween(messages)) - 120;
      const attachment = row % attachEvery === 0 ? attachments[row / attachEvery - 1] : undefined;
      const message = inventMessage(random, { chats, recent, date, attachment });
      addMessage(insert, message, { row, system, attachmentRow: row / attachEvery });
      if (message.tapback === undefined) recent.push(message);
      if (recent.length > 40) recent.shift();
    }
  });
}

/** Conversations fill 400 days, but no more than one message every hour and a half in small ones. */
function secondsBetween(messages: number): number {
  return Math.min(5400, (400 * 86_400) / messages);
}

interface Chat {
  readonly row: number;
  readonly handles: readonly number[];
}

function addChats(insert: Insert, people: readonly Person[]): readonly Chat[] {
  const chats: Chat[] = [];
  const add = (guid: string, name: string, handles: readonly number[]): void => {
    const identifier = guid.slice(guid.lastIndexOf(';') + 1);
    const row = insert('chat', {
      guid,
      style: handles.length > 1 ? 43 : 45,
      state: 3,
      chat_identifier: identifier,
      service_name: 'iMessage',
      display_name: name,
      ...(handles.length > 1 ? { room_name: identifier, group_id: `group-${chats.length}` } : {}),
    });
    for (const handle of handles) insert('chat_handle_join', { chat_id: row, handle_id: handle });
    chats.push({ row, handles });
  };
  people.forEach(({ phone }, index) => {
    const more = { uncanonicalized_id: phone.slice(2), person_centric_id: `person-${index}` };
    const handle = insert('handle', { id: phone, country: 'us', service: 'iMessage', ...more });
    add(`iMessage;-;${phone}`, '', [handle]);
  });
  GROUPS.forEach((name, index) => {
    const members = people.map((_, person) => person + 1).filter((row) => row % 4 === index || row <= 2);
    if (members.length > 1) add(`iMessage;+;chat19004${index}`, name, members);
  });
  return chats;
}

function inventMessage(
  random: Random,
  given: {
    readonly chats: readonly Chat[];
    readonly recent: readonly NewMessage[];
    readonly date: number;
    readonly attachment: MessageAttachment | undefined;
  },
): NewMessage {
  const { chats, recent, date, attachment } = given;
  const chat = random.pick(chats);
  const earlier = recent.length > 10 ? random.pick(recent) : undefined;
  const handle = random.below(2) === 1 ? 0 : random.pick(chat.handles);
  const message: NewMessage = {
    guid: inventUuid(random),
    text: attachment === undefined ? inventSentence(random) : ATTACHMENT_MARK,
    chat: chat.row,
    handle,
    date,
    isRead: true,
    attachment,
  };
  if (earlier === undefined || attachment !== undefined) return message;
  const chance = random.below(20);
  if (chance === 0) return { ...message, chat: earlier.chat, answers: earlier.guid };
  if (chance > 1) return message;
  const tapback = { on: earlier.guid, type: 2000 + random.below(6) };
  return { ...message, chat: earlier.chat, text: `Liked “${earlier.text}”`, tapback };
}

/** @param at where the rows go; `attachmentRow` counts only if the message has an attachment */
export function addMessage(
  insert: Insert,
  message: NewMessage,
  at: { readonly row: number; readonly system: number; readonly attachmentRow: number },
): void {
  const date = BigInt(message.date) * SECOND;
  const fromMe = message.handle === 0 ? 1 : 0;
  const { tapback, answers, attachment } = message;
  const noText = at.system >= TEXT_MAY_BE_EMPTY_SINCE && at.row % 3 === 0;
  insert('message', {
    ROWID: at.row,
    guid: message.guid,
    text: noText ? null : message.text,
    attributedBody: at.system >= ATTRIBUTED_BODY_SINCE ? encodeAttributedText(message.text) : null,
    handle_id: message.handle,
    service: 'iMessage',
    account: 'e:owner@example.org',
    date,
    date_read: message.isRead ? date + SECOND * 20n : 0,
    date_delivered: fromMe === 1 ? date + SECOND : 0,
    is_delivered: 1,
    is_from_me: fromMe,
    is_read: message.isRead ? 1 : 0,
    is_sent: fromMe,
    cache_has_attachments: attachment === undefined ? 0 : 1,
    associated_message_guid: tapback === undefined ? null : `p:0/${tapback.on}`,
    associated_message_type: tapback?.type ?? 0,
    thread_originator_guid: answers ?? null,
    thread_originator_part: answers === undefined ? null : '0:0:1',
  });
  insert('chat_message_join', { chat_id: message.chat, message_id: at.row, message_date: date });
  if (attachment !== undefined) addAttachment(insert, { ...at, attachment, date: message.date });
}

function addAttachment(
  insert: Insert,
  given: {
    readonly row: number;
    readonly attachmentRow: number;
    readonly attachment: MessageAttachment;
    readonly date: number;
  },
): void {
  const { path, sizeBytes } = given.attachment;
  insert('attachment', {
    ROWID: given.attachmentRow,
    guid: `at_0_${given.row}`,
    created_date: given.date,
    filename: `~/${path}`,
    uti: 'public.jpeg',
    mime_type: 'image/jpeg',
    transfer_state: 5,
    transfer_name: path.slice(path.lastIndexOf('/') + 1),
    total_bytes: sizeBytes,
  });
  insert('message_attachment_join', { message_id: given.row, attachment_id: given.attachmentRow });
}
