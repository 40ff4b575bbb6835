import type { Failure } from '@rootcellar/api';
import { GERMAN_ERRORS, GERMAN_MEANINGS } from './german-errors.ts';
import type { Language } from './languages.ts';

/** What is told of an error; a job that was stopped has no details. */
export type Told = Pick<Failure, 'code' | 'happened' | 'yourData' | 'next' | 'dataState'> &
  Partial<Pick<Failure, 'details'>>;

/** An error in the language of the person, as far as we know it in that language. */
export function toldIn(language: Language, failure: Told): Told {
  if (language !== 'de') return failure;
  const [happened, next] = GERMAN_ERRORS[failure.code] ?? [failure.happened, failure.next];
  return {
    ...failure,
    happened: filled(happened, failure.details),
    next: filled(next, failure.details),
    yourData: GERMAN_MEANINGS[failure.yourData] ?? failure.yourData,
  };
}

function filled(sentence: string, details: Told['details'] = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '…'));
}
