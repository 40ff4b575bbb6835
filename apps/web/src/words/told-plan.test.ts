import { expect, test } from 'vitest';
import { planSentence } from './told-plan.ts';

const PHOTOS = { code: 'photos', details: { files: 7 }, sentence: 'Photos and videos (7 files)' };

test('a plan speaks the language of the person, with its details', () => {
  expect(planSentence('de', PHOTOS)).toBe('Fotos und Videos (7 Dateien)');
  expect(planSentence('en', PHOTOS)).toBe(PHOTOS.sentence);
});

test('what we do not know in German arrives as it is', () => {
  expect(planSentence('de', { ...PHOTOS, code: 'ringtones', sentence: 'Ringtones' })).toBe('Ringtones');
});
