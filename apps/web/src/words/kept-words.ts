import { inBothLanguages } from './languages.ts';

/** The two ways to keep a backup that has a password. */
export const keptWords = inBothLanguages(
  {
    title: 'How backups with a password are kept',
    sealed: 'Sealed',
    small: 'Small',
    locks: {
      'key-and-password': 'Sealed: with the password of the iPhone, and with the key of this computer',
      'key-alone':
        'Small: with the key of this computer alone. To look inside or restore, the password is asked for',
      'key-alone-partly': 'With the key of this computer alone. Passwords and Health are not in it',
      'password-alone': 'With the password of the iPhone',
      nothing: 'No. Passwords and Health are not in it',
    },
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
    locks: {
      'key-and-password': 'Versiegelt: mit dem Passwort des iPhones und mit dem Schlüssel dieses Computers',
      'key-alone':
        'Klein: allein mit dem Schlüssel dieses Computers. Zum Ansehen und Wiederherstellen wird nach dem Passwort gefragt',
      'key-alone-partly': 'Allein mit dem Schlüssel dieses Computers. Passwörter und Health fehlen darin',
      'password-alone': 'Mit dem Passwort des iPhones',
      nothing: 'Nein. Passwörter und Health fehlen darin',
    },
    means: {
      sealed:
        'Genau so, wie das iPhone sie verschlossen hat: Lesen kann nur, wer den Schlüssel dieses Computers und das Passwort hat, und Datenbanken, die sich ändern, werden jedes Mal neu gespeichert.',
      small:
        'Beim Eintreffen mit dem Passwort geöffnet und allein mit dem Schlüssel dieses Computers verschlossen: Datenbanken, die sich ändern, brauchen etwa ein Zehntel des Platzes.',
    },
  },
);
