import type { Random } from '@rootcellar/core';
import type { Person } from '../people.ts';
import { cocoaSeconds, sqliteFile } from '../sqlite-file.ts';
import { CALENDAR_TABLES } from './schemas.ts';
import { createTables } from './versioned-tables.ts';

const EVENTS = ['Dentist', 'Choir', 'Swimming', 'Elternabend', 'Train to the lake', 'Dinner', 'Car service'];

/** One event in so many lasts all day, has guests, or repeats. */
const EVERY = { wholeDay: 7, guests: 5, repeats: 9 } as const;

/** Calendar.sqlitedb with two calendars. Source: backup-format specification, 6.10. */
export function calendarDatabase(options: {
  readonly random: Random;
  readonly people: readonly Person[];
  readonly now: Date;
  readonly system: number;
  readonly events: number;
}): Uint8Array {
  const { random, people, now, system, events } = options;
  return sqliteFile((db) => {
    const insert = createTables(db, CALENDAR_TABLES, system);
    insert('Store', { name: 'Default', type: 0 });
    for (const title of ['Home', 'School']) insert('Calendar', { store_id: 1, title, color: '#1BADF8' });
    const place = { title: 'Example Hall', address: 'Lindenweg 1', latitude: 47.5, longitude: 9.5 };
    const location = insert('Location', place);
    for (let index = 0; index < events; index += 1) {
      const wholeDay = index % EVERY.wholeDay === 0;
      const start = cocoaSeconds(now) + (random.below(400) - 300) * 86_400;
      const guests = index % EVERY.guests === 0;
      const made = cocoaSeconds(now) - random.below(300 * 86_400) - 60;
      const event = insert('CalendarItem', {
        summary: random.pick(EVENTS),
        location_id: random.below(3) === 0 ? location : 0,
        start_date: start,
        start_tz: wholeDay ? '_float' : 'Europe/Berlin',
        end_date: start + (wholeDay ? 86_400 : 3600),
        all_day: wholeDay ? 1 : 0,
        calendar_id: 1 + random.below(2),
        has_attendees: guests ? 1 : 0,
        entity_type: 2,
        creation_date: made,
        last_modified: made,
        UUID: `event-${index}`,
      });
      if (index % EVERY.repeats === 0)
        insert('Recurrence', { owner_id: event, frequency: 2, interval: 1, count: 10 });
      if (!guests) continue;
      const { first, last, email } = random.pick(people);
      const identity = insert('Identity', { display_name: `${first} ${last}` });
      insert('Participant', {
        owner_id: event,
        entity_type: 7,
        identity_id: identity,
        email,
        status: random.below(4),
      });
    }
  });
}
