import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backupError } from '@rootcellar/backup';
import { treeError } from '@rootcellar/core';
import { deviceError, lockdownError, mobilebackup2Error } from '@rootcellar/device';
import { hubError } from '@rootcellar/hub';
import { libraryError, operationError } from '@rootcellar/operations';
import { storageError, vaultError } from '@rootcellar/vault';
import { expect, test } from 'vitest';
import { GERMAN_ERRORS, GERMAN_MEANINGS } from '../../apps/web/src/words/german-errors.ts';
import { toldIn } from '../../apps/web/src/words/told-error.ts';

const OF_PHONES = [deviceError, lockdownError, mobilebackup2Error];
const AREAS = [
  ...OF_PHONES,
  treeError,
  hubError,
  libraryError,
  operationError,
  backupError,
  vaultError,
  storageError,
];

/** These arrive in English, on purpose. One that is new must stand here, or have its German sentences. */
const ENGLISH_ONLY: ReadonlySet<string> = new Set([
  // Only what is typed into a terminal meets them: folders, names and keys that are named there.
  'operation.folder-unknown',
  'operation.folder-ambiguous',
  'operation.folder-changed',
  'operation.folder-is-a-backup',
  'operation.location-invalid',
  'operation.location-holds-password',
  'operation.vault-exists',
  'operation.key-not-confirmed',
  'operation.phone-not-named',
  'operation.snapshot-ambiguous',
  'operation.import-not-whole',
  'operation.import-not-finished',
  'operation.export-exists',
  'operation.password-not-changed',
  'vault.there-already',
  'vault.key-in-use',
  'vault.key-unknown',
  'vault.file-changed',
  'storage.exists',
  'storage.not-a-vault',
  'storage.place-missing',
  'storage.address-invalid',
  // Somebody has made or altered what no program of this kind makes, or it is a mistake of ours: for whoever helps.
  'operation.udid-invalid',
  'vault.compressed-damaged',
  'vault.compressed-too-large',
  'vault.cipher-content-differs',
  'vault.cipher-content-short',
  'vault.cipher-errs',
  'vault.cipher-list-damaged',
  'vault.cipher-list-newer',
  'vault.polynomial-invalid',
  'vault.version-unknown',
  'vault.config-damaged',
  'vault.key-file-damaged',
  'vault.key-file-too-costly',
  'vault.record-damaged',
  'vault.record-too-large',
  'vault.closed',
  'storage.name-invalid',
  'storage.too-large',
  'storage.unknown-answer',
]);

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([word]) => word).sort();

test('the browser knows every error of the hub in German', () => {
  const codes = Object.keys(hubError.catalogue).map((name) => `hub.${name}`);
  expect(codes.filter((code) => !(code in GERMAN_ERRORS))).toEqual([]);
});

test('and every error of operations, vaults and storages, but for those that are left out on purpose', () => {
  const codes = [operationError, vaultError, storageError].flatMap(({ area, catalogue }) =>
    Object.keys(catalogue).map((name) => `${area}.${name}`),
  );
  const known = codes.filter((code) => code in GERMAN_ERRORS);
  expect(codes.filter((code) => !known.includes(code))).toEqual(
    codes.filter((code) => ENGLISH_ONLY.has(code)),
  );
  expect([...ENGLISH_ONLY].filter((code) => !codes.includes(code) || known.includes(code))).toEqual([]);
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
  expect(compared).toBeGreaterThan(80);
});

test('what a page says of a phone names no command of the terminal', () => {
  const told = OF_PHONES.flatMap(({ area, catalogue }) =>
    Object.entries(catalogue).map(([name, { happened, next }]) =>
      toldIn('en', { code: `${area}.${name}`, happened, next, yourData: '', dataState: 'unchanged' }),
    ),
  );
  expect(told.filter(({ next }) => next.includes('rootcellar ')).map(({ code }) => code)).toEqual([]);
});

test('that an iPhone is not set up yet is said in German', () => {
  expect(GERMAN_ERRORS).toHaveProperty(['mobilebackup2.setup-not-finished']);
});

test('what an error means for the data is said in German, wherever that is one sentence', () => {
  const root = join(import.meta.dirname, '..', '..');
  const sources = globSync('{packages/operations,apps/hub}/src/**/*.ts', { cwd: root });
  const texts = sources
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'));
  const told = texts.flatMap((text) => [...text.matchAll(/yourData:\s+((?:'[^']+'[\s+]*)+)/g)]);
  const sentences = told.map(([, literals = '']) => literals.replace(/'[\s+]*'?/g, ''));
  expect(new Set(sentences).size).toBeGreaterThan(7);
  expect(sentences.filter((sentence) => !(sentence in GERMAN_MEANINGS))).toEqual([]);
});
