import { expect, test } from 'vitest';
import { toldIn } from './told-error.ts';

const FAILURE = {
  code: 'hub.too-many-attempts',
  happened: 'There were too many wrong attempts.',
  yourData: 'Nothing was changed.',
  next: 'Wait 30 seconds, then try again.',
  dataState: 'unchanged',
  details: { waitSeconds: 30 },
} as const;

test('an error is told in German, with its details', () => {
  expect(toldIn('de', FAILURE)).toMatchObject({
    happened: 'Es gab zu viele falsche Versuche.',
    next: 'Warten Sie 30 Sekunden, dann versuchen Sie es noch einmal.',
    yourData: 'Es wurde nichts geändert.',
    code: FAILURE.code,
  });
  expect(toldIn('en', FAILURE)).toBe(FAILURE);
});

test('what became of the data is told in German, with its date and numbers', () => {
  const yourData =
    'Your backup of 26 November 2026 at 01:55 is intact. Of the unfinished one 12 files (3.4 MB) stay here for the next run.';
  expect(toldIn('de', { ...FAILURE, yourData }).yourData).toBe(
    'Ihr Backup vom 26. November 2026 um 01:55 ist unversehrt. Vom unfertigen bleiben 12 Dateien (3.4 MB) für den nächsten Lauf hier.',
  );
});

test('that nobody knows whether the backup before is whole is told in German', () => {
  const told = (date: string) =>
    toldIn('de', {
      ...FAILURE,
      yourData: `Whether your backup${date} is whole is not known now; nothing of it was changed.`,
    }).yourData;
  expect(told('')).toBe('Ob Ihr Backup heil ist, ist jetzt nicht bekannt; geändert wurde nichts daran.');
  expect(told(' of 26 November 2026 at 01:55')).toContain(
    'Ihr Backup vom 26. November 2026 um 01:55 heil ist',
  );
});

test('that a first backup begins anew is told in German', () => {
  const yourData =
    'There is no finished backup yet. Of the unfinished one 1 file (5.0 MB) had arrived; an iPhone begins its first backup anew, so the next run receives everything again.';
  expect(toldIn('de', { ...FAILURE, yourData }).yourData).toBe(
    'Es gibt noch kein fertiges Backup. Vom unfertigen war 1 Datei (5.0 MB) da; ein iPhone beginnt sein erstes Backup von vorn, also empfängt der nächste Lauf alles noch einmal.',
  );
});

test('one that we do not know in German arrives as it is', () => {
  const other = { ...FAILURE, code: 'usbmux.frame-cut-short', yourData: 'All is well.' };
  expect(toldIn('de', other)).toEqual(other);
});

test('sizes are told as sizes', () => {
  const details = { freeBytes: 5_000_000, neededBytes: '134217728' };
  expect(toldIn('de', { ...FAILURE, code: 'operation.disk-too-small', details }).happened).toMatch(
    /: 5\sMB sind frei, und .* wo 134,2\sMB frei bleiben\.$/,
  );
});
