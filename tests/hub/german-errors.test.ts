import { backupError } from '@rootcellar/backup';
import { hubError } from '@rootcellar/hub';
import { libraryError, operationError } from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { GERMAN_ERRORS } from '../../apps/web/src/words/german-errors.ts';

const AREAS = [hubError, libraryError, operationError, backupError];

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([word]) => word).sort();

test('the browser knows every error of the hub in German', () => {
  const codes = Object.keys(hubError.catalogue).map((name) => `hub.${name}`);
  expect(codes.filter((code) => !(code in GERMAN_ERRORS))).toEqual([]);
});

test('what it says has the same details as the English sentence', () => {
  let compared = 0;
  for (const { area, catalogue } of AREAS) {
    for (const [name, { happened, next }] of Object.entries(catalogue)) {
      const told = GERMAN_ERRORS[`${area}.${name}`];
      if (told === undefined) continue;
      expect(told.map(placeholders), name).toEqual([placeholders(happened), placeholders(next)]);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(35);
});
