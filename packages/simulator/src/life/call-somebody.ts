import { addCall } from '../content/databases/calls.ts';
import { CALL_TABLES } from '../content/databases/schemas.ts';
import { inserter } from '../content/databases/versioned-tables.ts';
import { COCOA_EPOCH } from '../content/sqlite-file.ts';
import { changeDatabase, type Day, lastRow } from './day.ts';

const DATABASE = '/var/mobile/Library/CallHistoryDB/CallHistory.storedata';

/** A few calls with those who called before. @returns how many */
export async function callSomebody(day: Day): Promise<number> {
  const count = await changeDatabase(day, DATABASE, (db) => {
    const insert = inserter(db, CALL_TABLES);
    const callers = db.prepare('SELECT DISTINCT ZADDRESS AS caller FROM ZCALLRECORD ORDER BY 1').all();
    if (callers.length === 0) return 0;
    const asBytes = callers[0]?.['caller'] instanceof Uint8Array;
    const first = lastRow(db, 'ZCALLRECORD', 'Z_PK') + 1;
    const calls = day.random.below(5);
    for (let index = 0; index < calls; index += 1) {
      const caller = day.random.pick(callers)['caller'];
      addCall(insert, day.random, {
        row: first + index,
        date: day.at - COCOA_EPOCH - (calls - index) * 5000,
        caller: caller instanceof Uint8Array ? Buffer.from(caller).toString() : String(caller),
        system: asBytes ? 12 : 26,
      });
    }
    db.prepare("UPDATE Z_PRIMARYKEY SET Z_MAX = ? WHERE Z_NAME = 'CallRecord'").run(first + calls - 1);
    return calls;
  });
  return count ?? 0;
}
