import { gzipSync } from 'node:zlib';
import type { Random } from '@rootcellar/core';
import { cocoaSeconds, sqliteFile } from '../sqlite-file.ts';
import { inventNote } from '../texts.ts';
import { NOTE_TABLES } from './schemas.ts';
import { createTables } from './versioned-tables.ts';

/** Numbers of the entities in this database; real ones differ from system to system. */
const ENTITY = { note: 12, account: 14, folder: 15, noteData: 19 } as const;

/** Rows before the first note: the account and its folder. */
const ROWS_BEFORE_NOTES = 2;

/**
 * NoteStore.sqlite with its text in gzip and protobuf, as iOS keeps it.
 * Source: backup-format specification, 6.7.
 */
export function noteDatabase(options: {
  readonly random: Random;
  readonly now: Date;
  readonly system: number;
  readonly notes: number;
}): Uint8Array {
  const { random, now, system, notes } = options;
  return sqliteFile((db) => {
    const insert = createTables(db, NOTE_TABLES, system);
    const entity = (number: number, name: string, last: number): void =>
      void insert('Z_PRIMARYKEY', { Z_ENT: number, Z_NAME: name, Z_SUPER: 0, Z_MAX: last });
    entity(ENTITY.note, 'ICNote', ROWS_BEFORE_NOTES + notes);
    entity(ENTITY.account, 'ICAccount', 1);
    entity(ENTITY.folder, 'ICFolder', 2);
    entity(ENTITY.noteData, 'ICNoteData', notes);
    const object = 'ZICCLOUDSYNCINGOBJECT';
    insert(object, { Z_PK: 1, Z_ENT: ENTITY.account, ZIDENTIFIER: 'LocalAccount', ZNAME: 'On My iPhone' });
    const inAccount = { ZACCOUNT2: 1, ZACCOUNT3: 1, ZACCOUNT4: 1, ZACCOUNT7: 1 };
    const folder = { ZIDENTIFIER: 'DefaultFolder-LocalAccount', ZTITLE2: 'Notes', ...inAccount };
    insert(object, { Z_PK: 2, Z_ENT: ENTITY.folder, ...folder });
    for (let index = 0; index < notes; index += 1) {
      const lines = inventNote(random, index);
      const date = cocoaSeconds(now) - (index + 1) * 200_000;
      insert(object, {
        Z_PK: ROWS_BEFORE_NOTES + 1 + index,
        Z_ENT: ENTITY.note,
        ZIDENTIFIER: `note-${index}`,
        ZMARKEDFORDELETION: 0,
        ZISPASSWORDPROTECTED: 0,
        ZISPINNED: index === 0 ? 1 : 0,
        ZFOLDER: 2,
        ...inAccount,
        ZNOTEDATA: index + 1,
        ZCREATIONDATE1: date,
        ZCREATIONDATE3: date,
        ZMODIFICATIONDATE1: date,
        ZTITLE1: lines[0] ?? '',
        ZSNIPPET: lines[1] ?? '',
      });
      const ZDATA = encodeNote(lines.join('\n'));
      insert('ZICNOTEDATA', { Z_PK: index + 1, Z_ENT: ENTITY.noteData, Z_OPT: 1, ZNOTE: index + 3, ZDATA });
    }
  });
}

/** Field 2 (document) → 3 (note) → 2 (text) and one attribute run over all of it. */
export function encodeNote(text: string): Uint8Array {
  const run = field(5, Buffer.from([0x08, ...varint([...text].length)]));
  const note = Buffer.concat([field(2, Buffer.from(text)), run]);
  return gzipSync(field(2, Buffer.concat([Buffer.from([0x08, 0, 0x10, 0]), field(3, note)])));
}

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(content.length)]), content]);
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
