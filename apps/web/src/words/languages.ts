/** The languages of the app. English is complete by definition; German has every string that English has. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

/** A part of the catalogue. It does not compile while German lacks a string, or has one too many. */
export function inBothLanguages<Part>(en: Part, de: NoInfer<Part>): Readonly<Record<Language, Part>> {
  return { en, de };
}

/** The one that was chosen, or the first of the browser's that we speak. */
export function preferredLanguage(chosen: string | null, browser: readonly string[]): Language {
  const wanted = [...(chosen === null ? [] : [chosen]), ...browser].map((tag) =>
    tag.slice(0, 2).toLowerCase(),
  );
  return (
    wanted.map((tag) => LANGUAGES.find((known) => known === tag)).find((found) => found !== undefined) ?? 'en'
  );
}
