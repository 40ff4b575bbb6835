import { activityWords } from './activity-words.ts';
import { backupsWords } from './backups-words.ts';
import { browseWords } from './browse-words.ts';
import { deviceWords } from './device-words.ts';
import { firstVisitWords } from './first-visit-words.ts';
import { jobWords } from './job-words.ts';
import { keptWords } from './kept-words.ts';
import type { Language } from './languages.ts';
import { restoreWords } from './restore-words.ts';
import { settingsWords } from './settings-words.ts';
import { shellWords } from './shell-words.ts';
import { simulatorWords } from './simulator-words.ts';
import { wrongPasswordWords } from './wrong-password-words.ts';

function catalogueIn(language: Language) {
  return {
    shell: shellWords[language],
    device: deviceWords[language],
    kept: keptWords[language],
    job: jobWords[language],
    wrongPassword: wrongPasswordWords[language],
    backups: backupsWords[language],
    browse: browseWords[language],
    restore: restoreWords[language],
    activity: activityWords[language],
    firstVisit: firstVisitWords[language],
    settings: settingsWords[language],
    simulator: simulatorWords[language],
  };
}

export type Catalogue = ReturnType<typeof catalogueIn>;

/** Every sentence that the app says by itself. What the hub tells arrives as it is. */
export const CATALOGUE: Readonly<Record<Language, Catalogue>> = {
  en: catalogueIn('en'),
  de: catalogueIn('de'),
};
