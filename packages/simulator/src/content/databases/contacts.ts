import { type Random, seededRandom } from '@rootcellar/core';
import { encodeJpeg } from '../jpeg.ts';
import type { Person } from '../people.ts';
import { paintLandscape } from '../picture.ts';
import { cocoaSeconds, sqliteFile } from '../sqlite-file.ts';
import { CONTACT_IMAGE_TABLES, CONTACT_TABLES } from './schemas.ts';
import { createTables } from './versioned-tables.ts';

/** What `property` says. Source: backup-format specification, 6.5. */
const PROPERTY = { phone: 3, email: 4, address: 5 } as const;

const LABELS = ['_$!<Mobile>!$_', '_$!<Home>!$_', '_$!<Work>!$_'];
const ADDRESS_KEYS = ['Street', 'City', 'ZIP', 'CountryCode'];
const STREETS = ['Lindenweg', 'Harbour Road', 'Rue du Moulin', 'Kastanienallee'];
const CITIES = ['Musterstadt', 'Exampleton', 'Villexemple'];

/** AddressBook.sqlitedb. Source: backup-format specification, 6.5. */
export function contactDatabase(
  random: Random,
  people: readonly Person[],
  when: { readonly now: Date; readonly system: number },
): Uint8Array {
  return sqliteFile((db) => {
    const insert = createTables(db, CONTACT_TABLES, when.system);
    for (const value of LABELS) insert('ABMultiValueLabel', { value });
    for (const value of ADDRESS_KEYS) insert('ABMultiValueEntryKey', { value });
    insert('ABStore', { ROWID: 0, Type: 0, AccountID: -1 });
    insert('ABGroup', { Name: 'Family', StoreID: 0 });
    people.forEach(({ first, last, phone, email }, index) => {
      const row = index + 1;
      const date = cocoaSeconds(when.now) - row * 86_400;
      const named = { First: first, Last: last, Kind: 0, CreationDate: date, ModificationDate: date };
      insert('ABPerson', { ROWID: row, ...named, StoreID: 0, guid: `contact-${row}` });
      const value = (property: number, label: number, text: string | null): number =>
        insert('ABMultiValue', { record_id: row, property, identifier: 0, label, value: text });
      value(PROPERTY.phone, 1, phone);
      value(PROPERTY.email, 2, email);
      if (row <= 4) insert('ABGroupMembers', { group_id: 1, member_type: 0, member_id: row });
      if (row % 3 > 0) return;
      const parent = value(PROPERTY.address, 2, null);
      const address = [`${random.pick(STREETS)} ${1 + random.below(90)}`, random.pick(CITIES), '00000', 'de'];
      address.forEach((part, key) => {
        insert('ABMultiValueEntry', { parent_id: parent, key: key + 1, value: part });
      });
    });
  });
}

const PORTRAIT_SIZE = 96;

/** AddressBookImages.sqlitedb: a picture for every second person. Source: backup-format specification, 6.5. */
export function contactImageDatabase(people: readonly Person[], system: number): Uint8Array {
  return sqliteFile((db) => {
    const insert = createTables(db, CONTACT_IMAGE_TABLES, system);
    people.forEach(({ email }, index) => {
      if (index % 2 > 0) return;
      const random = seededRandom(`portrait/${email}`);
      const data = encodeJpeg(paintLandscape(random, PORTRAIT_SIZE, PORTRAIT_SIZE));
      insert('ABThumbnailImage', { record_id: index + 1, format: 0, data });
      insert('ABFullSizeImage', { record_id: index + 1, data });
    });
  });
}
