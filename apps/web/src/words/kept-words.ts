import { inBothLanguages } from './languages.ts';

/** The two ways to keep a backup that has a password. */
export const keptWords = inBothLanguages(
  {
    title: 'How backups with a password are kept',
    sealed: 'Sealed',
    small: 'Small',
    inWord: { sealed: 'sealed', small: 'small' },
    means: {
      sealed:
        'Just as the iPhone locked them: reading takes the key of this computer and the password, and databases that change are stored anew each time.',
      small:
        'Unlocked with the password as they come in, and locked with the key of this computer alone: databases that change need about a tenth of the room.',
    },
  },
  {
    title: 'Wie Backups mit Passwort aufbewahrt werden',
    sealed: 'Versiegelt',
    small: 'Klein',
    inWord: { sealed: 'versiegelt', small: 'klein' },
    means: {
      sealed:
        'Genau so, wie das iPhone sie verschlossen hat: Lesen kann nur, wer den Schlüssel dieses Computers und das Passwort hat, und Datenbanken, die sich ändern, werden jedes Mal neu gespeichert.',
      small:
        'Beim Eintreffen mit dem Passwort geöffnet und allein mit dem Schlüssel dieses Computers verschlossen: Datenbanken, die sich ändern, brauchen etwa ein Zehntel des Platzes.',
    },
  },
);
