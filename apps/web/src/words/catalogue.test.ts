import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue.ts';
import { preferredLanguage } from './languages.ts';

/** Every string of a catalogue with the path to it; functions are called with plain arguments. */
function strings(value: unknown, detail: unknown = 'X', path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, called(value as () => unknown, detail)]];
  return Object.entries(value as object).flatMap(([key, inner]) => strings(inner, detail, `${path}.${key}`));
}

function called(sentence: (...details: unknown[]) => unknown, detail: unknown): string {
  try {
    return String(sentence(detail, detail, detail));
  } catch (error) {
    // It takes the name of a moment, and a number is none.
    if (detail !== 'X') return 'X';
    throw error;
  }
}

/** The same in both languages because they are names. */
const SAME =
  /^(?:Rootcellar|Backups?|Backup|Cloud|Name|Version|Apps|Model|Software|Options?|iPhone|Hub|–|X.*|Computer|Compare)$/;

test('German says everything that English says, in German', () => {
  const english = new Map(strings(CATALOGUE.en));
  const german = new Map(strings(CATALOGUE.de));
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  const untranslated = [...german].filter(
    ([path, text]) => text === english.get(path) && text.length > 12 && !SAME.test(text),
  );
  expect(untranslated).toEqual([]);
  expect([...english, ...german].filter(([, text]) => text.trim() === '')).toEqual([]);
});

/** Things that are counted, as they are called when there are many of them. */
const MANY =
  /\b1 (?:more are|(?:new |neue )?(?:files|backups|versions|items|days|rows|apps|photos|messages|things|Dateien|Backups|Versionen|Einträge|Tage|Zeilen|Apps|Fotos|Nachrichten|Dinge|weitere sind)\b)/;

test('of one thing nobody speaks as of many', () => {
  for (const words of [CATALOGUE.en, CATALOGUE.de]) {
    const asWritten = new Map(strings(words, '1'));
    // Some take a number and some take it as it is written: wrong is what is wrong with both.
    const wrong = strings(words, 1).filter(
      ([path, text]) => MANY.test(text) && MANY.test(asWritten.get(path) ?? ''),
    );
    expect(wrong).toEqual([]);
  }
});

test('nobody is congratulated', () => {
  expect(
    [...strings(CATALOGUE.en), ...strings(CATALOGUE.de)].filter(([, text]) => text.includes('!')),
  ).toEqual([]);
});

test('the chosen language comes first, then the browser’s, then English', () => {
  expect(preferredLanguage('de', ['en-GB'])).toBe('de');
  expect(preferredLanguage(null, ['fr-FR', 'de-AT'])).toBe('de');
  expect(preferredLanguage('xx', ['fr'])).toBe('en');
});
