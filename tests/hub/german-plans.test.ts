import { HUB_PLAN_SENTENCES } from '@rootcellar/hub';
import { PLAN_SENTENCES } from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { GERMAN_PLANS } from '../../apps/web/src/words/german-plans.ts';

const ENGLISH: Readonly<Record<string, string>> = { ...PLAN_SENTENCES, ...HUB_PLAN_SENTENCES };

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([word]) => word).sort();

test('everything that a plan can say has a German sentence, and there is none for what no plan says', () => {
  expect(Object.keys(GERMAN_PLANS).sort()).toEqual(Object.keys(ENGLISH).sort());
});

test('a code means one thing, whoever makes the plan', () => {
  const codes = [PLAN_SENTENCES, HUB_PLAN_SENTENCES].flatMap((sentences) => Object.keys(sentences));
  expect(new Set(codes).size).toBe(codes.length);
});

test('it has the same details as the English sentence, and other words', () => {
  for (const [code, german] of Object.entries(GERMAN_PLANS)) {
    expect(placeholders(german), code).toEqual(placeholders(ENGLISH[code] ?? ''));
    if (!['voicemail', 'health'].includes(code)) expect(german, code).not.toBe(ENGLISH[code]);
  }
});
