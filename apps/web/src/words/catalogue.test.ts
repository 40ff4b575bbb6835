import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue.ts';
import { preferredLanguage } from './languages.ts';

/** Every string of a catalogue with the path to it; functions are called with plain arguments. */
function strings(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value('X', 'Y', 'Z'))]];
  return Object.entries(value as object).flatMap(([key, inner]) => strings(inner, `${path}.${key}`));
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
