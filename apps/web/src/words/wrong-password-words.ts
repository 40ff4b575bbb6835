import { inBothLanguages } from './languages.ts';

/** A backup was stored, and the password that was given for it is the wrong one. */
export const wrongPasswordWords = inBothLanguages(
  {
    title: (name: string) => `${name} is backed up, but the password is wrong`,
    text: 'Nothing is lost: the backup is kept as the iPhone encrypted it. It was not decrypted, not made small, and not looked into; only that every file is there was checked.',
    next: 'Check the backup with the right password. The next backup asks for it again.',
  },
  {
    title: (name) => `${name} ist gesichert, aber das Passwort ist falsch`,
    text: 'Nichts ist verloren: Das Backup ist aufbewahrt, wie das iPhone es verschlüsselt hat. Es wurde nicht entschlüsselt, nicht verkleinert, und niemand hat hineingesehen; geprüft ist nur, dass jede Datei da ist.',
    next: 'Prüfen Sie das Backup mit dem richtigen Passwort. Das nächste Backup fragt wieder danach.',
  },
);
