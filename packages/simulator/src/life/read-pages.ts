import { HISTORY_TABLES } from '../content/databases/schemas.ts';
import { inserter } from '../content/databases/versioned-tables.ts';
import { COCOA_EPOCH } from '../content/sqlite-file.ts';
import { changeDatabase, type Day, lastRow } from './day.ts';

const DATABASE = '/var/mobile/Library/Safari/History.db';

/** Known pages are visited again, and one new page. */
export async function readPages(day: Day): Promise<void> {
  await changeDatabase(day, DATABASE, (db) => {
    const insert = inserter(db, HISTORY_TABLES);
    const last = lastRow(db, 'history_items', 'id');
    const url = `https://example.org/news/${day.at}`;
    const item = { url, domain_expansion: 'example', visit_count: 0, daily_visit_counts: new Uint8Array() };
    const visited = [insert('history_items', item)];
    for (let count = 0; count < 4 && last > 0; count += 1) visited.push(1 + day.random.below(last));
    const more = db.prepare('UPDATE history_items SET visit_count = visit_count + 1 WHERE id = ?');
    for (const [index, history_item] of visited.entries()) {
      more.run(history_item);
      const visit_time = day.at - COCOA_EPOCH - (visited.length - index) * 900;
      insert('history_visits', { history_item, visit_time, title: `Page ${history_item}` });
    }
  });
}
