/** What plans say, in German, by code. A word in braces is a detail of what is said. */
export const GERMAN_PLANS: Readonly<Record<string, string>> = {
  'backup-damaged': 'Das Backup ist beschädigt: Dateien fehlen oder sind verändert. Wählen Sie ein anderes.',
  'backup-incomplete':
    'Das Backup wurde nicht fertig. Machen Sie es mit dem iPhone fertig, oder wählen Sie ein anderes.',
  'backup-unverified':
    'Nicht alles in diesem Backup ließ sich prüfen. Was nicht, sagt „Prüfen“ bei diesem Backup.',
  'backup-locked': 'Das Backup ist verschlüsselt: Was darin ist, ließ sich ohne sein Passwort nicht prüfen.',
  'lengths-differ':
    'Dateien, die anders lang sind, als das Backup sagt: {files}. Sie können beschädigt sein. Welche es sind, sagt „Prüfen“ bei diesem Backup.',
  'newer-system':
    'Das Backup wurde mit iOS {backupVersion} gemacht, das iPhone hat {deviceVersion}. Aktualisieren Sie zuerst das iPhone.',
  'find-my-on':
    '„Wo ist?“ ist eingeschaltet. Am iPhone: Einstellungen, Ihr Name, „Wo ist?“; schalten Sie es für die Wiederherstellung aus.',
  'find-my-unknown': 'Falls „Wo ist?“ doch eingeschaltet ist, lehnt das iPhone ab, ehe sich etwas ändert.',
  'password-needed': 'Das Backup ist verschlüsselt. Geben Sie sein Passwort ein, um es wiederherzustellen.',
  'encryption-required':
    'Die Organisation, die dieses iPhone verwaltet, erlaubt nur verschlüsselte Backups, und dieses ist nicht verschlüsselt.',
  'cable-needed':
    'Verbinden Sie das iPhone mit einem Kabel: Dass es über WLAN geht, hat noch niemand gezeigt.',
  'no-room':
    'Auf dem iPhone ist vielleicht nicht genug Platz. Sagt es das, löschen Sie es zuerst, oder wählen Sie ein kleineres Backup.',
  'battery-low': 'Die Batterie ist bei {percent} %. Schließen Sie das iPhone an den Strom an.',
  'other-device':
    'Das ist das Backup eines anderen Geräts als {name}. Passwörter, die an jenes Gerät gebunden sind, kommen nicht zurück.',
  'other-kind': 'Das Backup ist von einer anderen Art Gerät: Was nur diese Art hat, kommt nicht zurück.',

  'not-seen-yet': 'Alles in diesem Backup; was das ist, lässt sich noch nicht sehen.',
  'encrypted-too': 'Auch gesicherte Passwörter, WLAN-Netze und Health, weil dieses Backup verschlüsselt ist',
  passwords: 'Gesicherte Passwörter',
  wifi: 'WLAN-Netze',
  'one-photo': 'Ein Foto oder Video',
  photos: 'Fotos und Videos ({files} Dateien)',
  messages: 'Nachrichten',
  contacts: 'Kontakte',
  calls: 'Anrufliste',
  calendars: 'Kalender',
  notes: 'Notizen',
  safari: 'Verlauf und Lesezeichen von Safari',
  voicemail: 'Voicemail',
  health: 'Health',
  'one-app': 'Daten von 1 App',
  apps: 'Daten von {apps} Apps',
  settings: 'Einstellungen und der Home-Bildschirm',

  'unlock-methods': 'Face ID oder Touch ID und der Code: richten Sie sie neu ein',
  'wallet-cards': 'Karten in Wallet: fügen Sie sie neu hinzu',
  'store-media': 'Musik, Filme und Bücher aus dem Store: laden Sie sie neu',
  'encrypted-only': 'Gesicherte Passwörter, WLAN-Netze und Health: sie sind nur in verschlüsselten Backups',

  'others-stay': 'Dieses Backup wird endgültig gelöscht. Andere Backups dieses iPhones bleiben.',
  'none-stays': 'Dieses Backup wird endgültig gelöscht. Es ist das einzige dieses iPhones.',
  'without-password':
    'Backups, die von nun an entstehen, schützt allein der Schlüssel dieses Computers, und einen Ordner, den man daraus holt, schützt nichts. Gesicherte Passwörter, WLAN-Netze, Gesundheitsdaten und Anrufe fehlen in ihnen. Die Backups von bisher behalten ihr Passwort.',
};
