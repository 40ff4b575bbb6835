import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { CATALOGUE, type Catalogue } from './catalogue.ts';
import { type Format, formatsIn } from './format.ts';
import { type Language, preferredLanguage } from './languages.ts';

const STORED_AS = 'rootcellar.language';

interface Spoken {
  readonly language: Language;
  readonly words: Catalogue;
  readonly format: Format;
  readonly speak: (language: Language) => void;
}

const SpokenContext = createContext<Spoken | undefined>(undefined);

/** Chooses the language of everything below, and says so to the browser and to screen readers. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(storedLanguage);
  // Chosen in one window, spoken in all.
  useEffect(() => {
    const follow = ({ key }: StorageEvent) => key === STORED_AS && setLanguage(storedLanguage());
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo<Spoken>(
    () => ({
      language,
      words: CATALOGUE[language],
      format: formatsIn(language),
      speak: (chosen) => {
        localStorage.setItem(STORED_AS, chosen);
        setLanguage(chosen);
      },
    }),
    [language],
  );
  return <SpokenContext value={spoken}>{children}</SpokenContext>;
}

function storedLanguage(): Language {
  return preferredLanguage(localStorage.getItem(STORED_AS), navigator.languages);
}

/** Words, numbers and dates in the language of the person. */
export function useLanguage(): Spoken {
  const spoken = useContext(SpokenContext);
  if (spoken === undefined) throw new TypeError('There is no LanguageProvider above.');
  return spoken;
}
