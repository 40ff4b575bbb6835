import type { PlanLine } from '@rootcellar/api';
import { filledIn } from './filled-in.ts';
import { GERMAN_PLANS } from './german-plans.ts';
import type { Language } from './languages.ts';

/** What a plan says in the language of the person, as far as we know it in that language. */
export function planSentence(language: Language, { code, details, sentence }: PlanLine): string {
  const german = GERMAN_PLANS[code];
  return language === 'de' && german !== undefined ? filledIn('de', german, details) : sentence;
}
