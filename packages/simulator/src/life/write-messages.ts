import { addMessage, type MessageAttachment } from '../content/databases/messages.ts';
import { MESSAGE_TABLES } from '../content/databases/schemas.ts';
import { columnsOf, inserter } from '../content/databases/versioned-tables.ts';
import { photoContent } from '../content/made/photo.ts';
import { attachmentPath } from '../content/place-messages.ts';
import { COCOA_EPOCH, inventUuid } from '../content/sqlite-file.ts';
import { inventSentence } from '../content/texts.ts';
import { changeDatabase, type Day, lastRow, rewrite } from './day.ts';

const DATABASE = '/var/mobile/Library/SMS/sms.db';

const PICTURE_BYTES_LEAST = 80_000;

/** Messages of the day, some with a picture; what was unread has been read. @returns how many */
export async function writeMessages(day: Day): Promise<number> {
  const count = await changeDatabase(day, DATABASE, (db) => {
    const insert = inserter(db, MESSAGE_TABLES);
    const columns = columnsOf(db, 'message');
    // The tables tell from which system on a text may be missing.
    const system = columns.has('date_edited') ? 16 : columns.has('thread_originator_guid') ? 14 : 12;
    const first = lastRow(db, 'message', 'ROWID') + 1;
    const chats = db.prepare('SELECT chat_id, handle_id FROM chat_handle_join ORDER BY 1, 2').all();
    if (chats.length === 0) return 0;
    db.prepare('UPDATE message SET is_read = 1, date_read = ? WHERE is_read = 0').run(
      cocoaNanoseconds(day.at),
    );
    const messages = 8 + day.random.below(40);
    for (let index = 0; index < messages; index += 1) {
      const chat = day.random.pick(chats);
      const date = day.at - COCOA_EPOCH - (messages - index) * 600;
      const attachmentRow = lastRow(db, 'attachment', 'ROWID') + 1;
      const attachment = index % 12 === 5 ? sendPicture(day, attachmentRow) : undefined;
      const message = {
        guid: inventUuid(day.random),
        text: attachment === undefined ? inventSentence(day.random) : '\ufffc',
        chat: Number(chat['chat_id']),
        handle: day.random.below(2) === 0 ? 0 : Number(chat['handle_id']),
        date,
        isRead: index < messages - 2,
        attachment,
      };
      addMessage(insert, message, { row: first + index, system, attachmentRow });
    }
    return messages;
  });
  return count ?? 0;
}

function sendPicture(day: Day, number: number): MessageAttachment {
  const seed = `sent/${day.at}/${number}`;
  const sizeBytes = PICTURE_BYTES_LEAST + day.random.below(400_000);
  const path = attachmentPath(10_000 + number);
  rewrite(day, `/var/mobile/${path}`, photoContent({ kind: 'photo', seed, shape: 'square', sizeBytes }));
  return { path, sizeBytes };
}

function cocoaNanoseconds(unixSeconds: number): bigint {
  return BigInt(unixSeconds - COCOA_EPOCH) * 1_000_000_000n;
}
