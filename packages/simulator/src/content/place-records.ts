import { calendarDatabase } from './databases/calendar.ts';
import { callDatabase } from './databases/calls.ts';
import { contactDatabase, contactImageDatabase } from './databases/contacts.ts';
import { noteDatabase } from './databases/notes.ts';
import { privacyDatabase } from './databases/privacy.ts';
import { bookmarkDatabase, historyDatabase } from './databases/safari.ts';
import { SAFARI_TABS_SINCE } from './databases/schemas.ts';
import { amrRecording, voicemailDatabase } from './databases/voicemail.ts';
import { type Making, placeIn } from './making.ts';

const LIBRARY = '/var/mobile/Library';

export interface RecordAmounts {
  readonly calls: number;
  readonly notes: number;
  readonly pages: number;
  readonly events: number;
  readonly voicemails: number;
}

/** What Apple's own apps keep about people and days. */
export function placeRecords(making: Making, amounts: RecordAmounts): void {
  const { place, random, people, now, system, apps } = making;
  const options = { random, people, now, system };
  const contacts = contactDatabase(random, people, making);
  place.file(`${LIBRARY}/AddressBook/AddressBook.sqlitedb`, contacts, 'shared');
  const images = contactImageDatabase(people, system);
  place.file(`${LIBRARY}/AddressBook/AddressBookImages.sqlitedb`, images, 'shared');
  const calls = callDatabase({ ...options, calls: amounts.calls });
  place.file(`${LIBRARY}/CallHistoryDB/CallHistory.storedata`, calls, 'home');
  const calendar = calendarDatabase({ ...options, events: amounts.events });
  place.file(`${LIBRARY}/Calendar/Calendar.sqlitedb`, calendar, 'home');
  place.file(`${LIBRARY}/TCC/TCC.db`, privacyDatabase(random, apps, making), 'home');
  placeNotes(making, amounts.notes);
  placeSafari(making, amounts.pages);
  placeVoicemails(making, amounts.voicemails);
}

export function placeNotes(making: Making, notes: number): void {
  const { place } = making;
  const group = placeIn(making, 'AppDomainGroup-group.com.apple.notes', '');
  place.file(`${group}/NoteStore.sqlite`, noteDatabase({ ...making, notes }), 'app');
  place.folder(`${group}/Accounts/LocalAccount/Media`, 'app');
}

export function placeSafari(making: Making, pages: number): void {
  const { place, system } = making;
  const safari = `${LIBRARY}/Safari`;
  place.file(`${safari}/History.db`, historyDatabase({ ...making, pages }), 'home');
  const marks = Math.ceil(pages / 10);
  place.file(`${safari}/Bookmarks.db`, bookmarkDatabase({ ...making, pages: marks }), 'home');
  if (system < SAFARI_TABS_SINCE) return;
  place.file(`${safari}/SafariTabs.db`, bookmarkDatabase({ ...making, pages: 6 }), 'home');
}

function placeVoicemails(making: Making, count: number): void {
  const { place, random } = making;
  const voicemails = Array.from({ length: count }, (_, index) => ({
    row: index + 1,
    seconds: 2 + random.below(9),
  }));
  for (const { row, seconds } of voicemails) {
    place.file(`${LIBRARY}/Voicemail/${row}.amr`, amrRecording(random, seconds), 'home');
  }
  place.file(`${LIBRARY}/Voicemail/voicemail.db`, voicemailDatabase({ ...making, voicemails }), 'home');
}
