import type { Random } from '@rootcellar/core';
import type { Person } from '../people.ts';
import { sqliteFile } from '../sqlite-file.ts';
import { VOICEMAIL_TABLES } from './schemas.ts';
import { createTables } from './versioned-tables.ts';

export interface Voicemail {
  /** Names the recording: `7.amr`. */
  readonly row: number;
  readonly seconds: number;
}

/** voicemail.db. Times are Unix seconds. Source: backup-format specification, 6.3 and 6.10. */
export function voicemailDatabase(options: {
  readonly random: Random;
  readonly people: readonly Person[];
  readonly now: Date;
  readonly system: number;
  readonly voicemails: readonly Voicemail[];
}): Uint8Array {
  const { random, people, now, system, voicemails } = options;
  return sqliteFile((db) => {
    const insert = createTables(db, VOICEMAIL_TABLES, system);
    for (const { row, seconds } of voicemails) {
      const { phone } = random.pick(people);
      insert('voicemail', {
        ROWID: row,
        remote_uid: row,
        date: Math.floor(now.getTime() / 1000) - row * 300_000,
        sender: phone,
        callback_num: phone,
        duration: seconds,
        expiration: 0,
        trashed_date: 0,
        flags: 1,
        receiver: '+15550100',
        label: 'line-1',
        uuid: `voicemail-${row}`,
      });
    }
    if (system >= 13) insert('map', { label: 'line-1', account: 'account-1' });
  });
}

/** Bytes of a frame with its head; a frame is 20 ms. Source: RFC 4867, section 5 (12.2 kbit/s). */
const FRAME_BYTES = 32;
const FRAMES_PER_SECOND = 50;
const FRAME_HEAD = 0x3c;

/** A recording in AMR that plays: whatever the bits of a frame are, they are a sound. */
export function amrRecording(random: Random, seconds: number): Uint8Array {
  const frames = Buffer.from(random.bytes(seconds * FRAMES_PER_SECOND * FRAME_BYTES));
  for (let at = 0; at < frames.length; at += FRAME_BYTES) frames[at] = FRAME_HEAD;
  return Buffer.concat([Buffer.from('#!AMR\n', 'latin1'), frames]);
}
