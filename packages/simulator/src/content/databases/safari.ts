import type { Random } from '@rootcellar/core';
import { cocoaSeconds, sqliteFile } from '../sqlite-file.ts';
import { BOOKMARK_TABLES, HISTORY_TABLES } from './schemas.ts';
import { createTables } from './versioned-tables.ts';

const PAGES = [
  ['https://example.org/trails', 'Trails near the lake'],
  ['https://example.com/recipes/dumplings?for=4', 'Plum dumplings for four'],
  ['https://example.net/', 'Example'],
  ['https://xn--bcher-kva.example/', 'Bücher'],
] as const;

/** The page of this number: the first few have names of their own. */
function page(number: number): readonly [url: string, title: string] {
  return PAGES[number] ?? [`https://example.org/articles/${number}`, `Article no. ${number}`];
}

interface SafariOptions {
  readonly random: Random;
  readonly now: Date;
  readonly system: number;
  readonly pages: number;
}

/** Safari's History.db. Source: backup-format specification, 6.9. */
export function historyDatabase({ random, now, system, pages }: SafariOptions): Uint8Array {
  return sqliteFile((db) => {
    const insert = createTables(db, HISTORY_TABLES, system);
    for (let number = 0; number < pages; number += 1) {
      const [url, title] = page(number);
      const visits = 1 + random.below(5);
      const expansion = new URL(url).hostname.split('.')[0] ?? '';
      const item = {
        url,
        domain_expansion: expansion,
        visit_count: visits,
        daily_visit_counts: new Uint8Array(),
      };
      const id = insert('history_items', item);
      for (let count = 0; count < visits; count += 1) {
        const visit_time = cocoaSeconds(now) - random.below(2_000_000) - 200;
        insert('history_visits', { history_item: id, visit_time, title });
      }
    }
  });
}

/**
 * Bookmarks.db, and the tabs of newer systems in the same shape. Times are Unix seconds.
 * Source: backup-format specification, 6.3 and 6.9.
 */
export function bookmarkDatabase({ now, system, pages }: Omit<SafariOptions, 'random'>): Uint8Array {
  return sqliteFile((db) => {
    const insert = createTables(db, BOOKMARK_TABLES, system);
    const folder = (id: number, title: string, more: { parent?: number; special_id?: number }): void =>
      void insert('bookmarks', {
        id,
        type: 1,
        title,
        order_index: id,
        external_uuid: `folder-${id}`,
        ...more,
      });
    folder(0, 'Root', {});
    folder(1, 'BookmarksBar', { parent: 0, special_id: 1 });
    folder(2, 'BookmarksMenu', { parent: 0, special_id: 2 });
    folder(3, 'com.apple.ReadingList', { parent: 0, special_id: 3 });
    for (let number = 0; number < pages; number += 1) {
      const [url, title] = page(number);
      insert('bookmarks', {
        id: number + 4,
        parent: 1 + (number % 3),
        type: 0,
        title,
        url,
        order_index: number,
        external_uuid: `bookmark-${number}`,
        read: number % 3 === 2 ? 0 : null,
        last_modified: Math.floor(now.getTime() / 1000) - number * 5000,
      });
    }
  });
}
