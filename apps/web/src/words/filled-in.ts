import { formatsIn } from './format.ts';
import type { Language } from './languages.ts';

/** A sentence with its details in the place of the words in braces. */
export function filledIn(
  language: Language,
  sentence: string,
  details: Readonly<Record<string, string | number | boolean>> = {},
): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = details[name];
    // Where the hub says a size in words.
    if (name.endsWith('Bytes') && value !== undefined) return formatsIn(language).bytes(Number(value));
    return String(value ?? '…');
  });
}
