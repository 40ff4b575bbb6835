import type { Random } from '@rootcellar/core';
import type { Person } from '../people.ts';
import { cocoaSeconds, sqliteFile } from '../sqlite-file.ts';
import { CALL_ADDRESS_TEXT_SINCE, CALL_TABLES } from './schemas.ts';
import { createTables, type Insert } from './versioned-tables.ts';

/** CallHistory.storedata. Source: backup-format specification, 6.6. */
export function callDatabase(options: {
  readonly random: Random;
  readonly people: readonly Person[];
  readonly now: Date;
  readonly system: number;
  readonly calls: number;
}): Uint8Array {
  const { random, people, now, system, calls } = options;
  return sqliteFile((db) => {
    const insert = createTables(db, CALL_TABLES, system);
    insert('Z_PRIMARYKEY', { Z_ENT: 1, Z_NAME: 'CallRecord', Z_SUPER: 0, Z_MAX: calls });
    for (let row = 1; row <= calls; row += 1) {
      const date = cocoaSeconds(now) - (calls + 1 - row) * 40_000;
      addCall(insert, random, { row, date, caller: random.pick(people).phone, system });
    }
  });
}

/** @param call `date` in Cocoa seconds */
export function addCall(
  insert: Insert,
  random: Random,
  call: { readonly row: number; readonly date: number; readonly caller: string; readonly system: number },
): void {
  const answered = random.below(4) > 0 ? 1 : 0;
  const type = random.pick([1, 1, 8, 16]);
  insert('ZCALLRECORD', {
    Z_PK: call.row,
    Z_ENT: 1,
    Z_OPT: 1,
    ZANSWERED: answered,
    ZCALLTYPE: type,
    ZORIGINATED: random.below(2),
    ZREAD: 1,
    ZJUNKCONFIDENCE: 0,
    ZDATE: call.date,
    ZDURATION: answered === 1 ? random.below(1800) : 0,
    ZADDRESS: call.system < CALL_ADDRESS_TEXT_SINCE ? Buffer.from(call.caller) : call.caller,
    ZISO_COUNTRY_CODE: 'us',
    ZSERVICE_PROVIDER: type === 1 ? 'com.apple.Telephony' : 'com.apple.FaceTime',
    ZUNIQUE_ID: `call-${call.row}`,
  });
}
