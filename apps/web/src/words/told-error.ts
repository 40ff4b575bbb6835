import type { Failure } from '@rootcellar/api';
import { filledIn } from './filled-in.ts';
import { GERMAN_ERRORS, GERMAN_MEANINGS } from './german-errors.ts';
import type { Language } from './languages.ts';
import { NEXT_ON_PAGES } from './next-on-pages.ts';

/** What is told of an error; a job that was stopped has no details. */
export type Told = Pick<Failure, 'code' | 'happened' | 'yourData' | 'next' | 'dataState'> &
  Partial<Pick<Failure, 'details'>>;

/** An error in the language of the person, as far as we know it in that language. */
export function toldIn(language: Language, failure: Told): Told {
  if (language !== 'de') {
    const next = NEXT_ON_PAGES[failure.code];
    return next === undefined ? failure : { ...failure, next };
  }
  const [happened, next] = GERMAN_ERRORS[failure.code] ?? [failure.happened, failure.next];
  return {
    ...failure,
    happened: filledIn('de', happened, failure.details),
    // An operation may know a better step than its error.
    next: GERMAN_MEANINGS[failure.next] ?? filledIn('de', next, failure.details),
    yourData: GERMAN_MEANINGS[failure.yourData] ?? germanMeaning(failure.yourData),
  };
}

/** Sentences about a backup that did not finish, with their date and numbers. */
const PATTERNS: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [
    /^Your backup of (.+?) is intact\./,
    (_, date = '') => `Ihr Backup vom ${germanDate(date)} ist unversehrt.`,
  ],
  [/^Your backup is intact\./, () => 'Ihr Backup ist unversehrt.'],
  [
    /^Whether your backup(?: of (.+?))? is whole is not known now; nothing of it was changed\./,
    (_, date) =>
      `Ob Ihr Backup${date === undefined ? '' : ` vom ${germanDate(date)}`} heil ist, ist jetzt nicht bekannt; geändert wurde nichts daran.`,
  ],
  [/^There is no finished backup yet\./, () => 'Es gibt noch kein fertiges Backup.'],
  [/ Of the unfinished one nothing was kept\./, () => ' Vom unfertigen wurde nichts behalten.'],
  [
    / Of the unfinished one (\d+) files? \((.+?)\) stays? here for the next run\./,
    (_, files = '', size) =>
      ` Vom unfertigen ${files === '1' ? 'bleibt 1 Datei' : `bleiben ${files} Dateien`} (${size}) für den nächsten Lauf hier.`,
  ],
  [
    / Of the unfinished one (\d+) files? \((.+?)\) had arrived; an iPhone begins its first backup anew, so the next run receives everything again\./,
    (_, files = '', size) =>
      ` Vom unfertigen ${files === '1' ? 'war 1 Datei' : `waren ${files} Dateien`} (${size}) da; ein iPhone beginnt sein erstes Backup von vorn, also empfängt der nächste Lauf alles noch einmal.`,
  ],
  [
    / What arrived is kept as an incomplete backup \((\w+)\), from which files can be extracted\./,
    (_, id) =>
      ` Was ankam, ist als unvollständiges Backup (${id}) aufbewahrt, aus dem sich Dateien holen lassen.`,
  ],
];

function germanMeaning(sentence: string): string {
  return PATTERNS.reduce((text, [pattern, told]) => text.replace(pattern, told), sentence);
}

/** "26 November 2026 at 01:55", as the hub writes it. */
function germanDate(text: string): string {
  const date = new Date(text.replace(' at ', ' '));
  if (Number.isNaN(date.getTime())) return text;
  return date.toLocaleString('de-DE', { dateStyle: 'long', timeStyle: 'short' });
}
