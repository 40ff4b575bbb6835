import { encodeNote } from '../content/databases/notes.ts';
import { findDomain } from '../content/domains.ts';
import { COCOA_EPOCH } from '../content/sqlite-file.ts';
import { inventNote } from '../content/texts.ts';
import { changeDatabase, type Day } from './day.ts';

/** One note gets another text. */
export async function writeNotes(day: Day): Promise<void> {
  const root = findDomain('AppDomainGroup-group.com.apple.notes', day.phone.apps)?.root;
  await changeDatabase(day, `${root}/NoteStore.sqlite`, (db) => {
    const rows = db.prepare('SELECT Z_PK, ZNOTE FROM ZICNOTEDATA ORDER BY 1').all();
    if (rows.length === 0) return;
    const row = day.random.pick(rows);
    const note = inventNote(day.random, 100 + day.random.below(900));
    const [title = '', snippet = ''] = note;
    const data = encodeNote(note.join('\n'));
    db.prepare('UPDATE ZICNOTEDATA SET ZDATA = ? WHERE Z_PK = ?').run(data, Number(row['Z_PK']));
    db.prepare(
      'UPDATE ZICCLOUDSYNCINGOBJECT SET ZTITLE1 = ?, ZSNIPPET = ?, ZMODIFICATIONDATE1 = ? WHERE Z_PK = ?',
    ).run(title, snippet, day.at - COCOA_EPOCH, Number(row['ZNOTE']));
  });
}
