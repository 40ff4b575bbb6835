import { GERMAN_VAULT_ERRORS } from './german-vault-errors.ts';

/** What an error says in German: what happened, and what to do next. A word in braces is a detail of the error. */
export type ToldError = readonly [happened: string, next: string];

/** Those of the hub, all of them, and those of other parts that people meet most. What is not here arrives in English. */
export const GERMAN_ERRORS: Readonly<Record<string, ToldError>> = {
  ...GERMAN_VAULT_ERRORS,
  'hub.foreign-host': [
    'Die Anfrage galt einer anderen Adresse als der dieses Hubs.',
    'Öffnen Sie die Adresse, die das Terminal zeigt.',
  ],
  'hub.foreign-origin': [
    'Die Anfrage kam von einer Seite, die nicht zu diesem Hub gehört.',
    'Öffnen Sie die Adresse, die das Terminal zeigt, und tun Sie es dort.',
  ],
  'hub.header-missing': [
    'Eine Anfrage, die etwas ändert, kam ohne das Zeichen, dass sie so gemeint ist ({header}).',
    'Programme senden es mit jeder solchen Anfrage; die Seiten dieses Hubs tun es von selbst.',
  ],
  'hub.not-signed-in': [
    'Hier ist niemand angemeldet.',
    'Melden Sie sich mit dem Link aus dem Terminal an, oder mit Name und Passwort.',
  ],
  'hub.link-used': [
    'Dieser Link wurde schon benutzt oder gehört zu einem früheren Start.',
    'Das Terminal, in dem der Hub gestartet wurde, zeigt den jetzigen, oder sagt, in welcher Datei er steht.',
  ],
  'hub.link-elsewhere': [
    'Der Link, der einmal anmeldet, gilt nur in einem Browser auf dem Computer, auf dem der Hub läuft.',
    'Melden Sie sich mit Name und Passwort an. Wer den Hub betreibt, setzt sie dort, in den Einstellungen.',
  ],
  'hub.sign-in-wrong': [
    'Name oder Passwort ist falsch.',
    'Versuchen Sie es noch einmal; Großbuchstaben zählen im Passwort.',
  ],
  'hub.too-many-attempts': [
    'Es gab zu viele falsche Versuche.',
    'Warten Sie {waitSeconds} Sekunden, dann versuchen Sie es noch einmal.',
  ],
  'hub.name-taken': ['Jemand mit diesem Namen hat schon ein Konto.', 'Wählen Sie einen anderen Namen.'],
  'hub.operator-only': [
    'Das darf nur, wer diesen Hub betreibt.',
    'Fragen Sie die Person, die ihn gestartet hat.',
  ],
  'hub.not-found': ['Unter dieser Adresse gibt es nichts.', 'Gehen Sie zurück zur Startseite.'],
  'hub.request-invalid': [
    'Die Anfrage ist nicht so, wie die API sie beschreibt ({where}).',
    'Vergleichen Sie sie mit /api/openapi.json.',
  ],
  'hub.request-too-large': [
    'Die Anfrage ist größer als jede, die vorgesehen ist.',
    'Senden Sie weniger auf einmal.',
  ],
  'hub.device-unknown': [
    'Dieses iPhone gibt es hier nicht.',
    'Schließen Sie es mit dem Kabel an, dann sehen Sie noch einmal in die Liste.',
  ],
  'hub.device-not-connected': [
    'Das iPhone ist nicht verbunden.',
    'Schließen Sie es mit dem Kabel an, dann versuchen Sie es noch einmal.',
  ],
  'hub.device-of-another': [
    'Dieses iPhone gehört mit seinen Backups einer anderen Person.',
    'Nur sie kann das tun.',
  ],
  'hub.device-working': [
    'Dieses iPhone ist beschäftigt: {kind}.',
    'Warten Sie, bis das fertig ist, oder brechen Sie es ab.',
  ],
  'hub.job-unknown': ['Diesen Vorgang gibt es nicht.', 'Sehen Sie noch einmal in die Liste der Vorgänge.'],
  'hub.plan-unknown': [
    'Was Sie bestätigt haben, wurde vor mehr als zehn Minuten gezeigt, ist schon geschehen oder wurde anderswo gezeigt.',
    'Sehen Sie sich den Plan noch einmal an, dann machen Sie weiter.',
  ],
  'hub.plan-changed': [
    'Seit der Plan gezeigt wurde, hat sich etwas geändert ({differences}).',
    'Sehen Sie sich den Plan noch einmal an: Er bedeutet jetzt vielleicht etwas anderes.',
  ],
  'hub.browse-closed': ['Dieses Backup ist nicht mehr geöffnet.', 'Öffnen Sie es noch einmal.'],
  'hub.file-unknown': ['Diese Datei gibt es in diesem Backup nicht.', 'Sehen Sie noch einmal in die Liste.'],
  'hub.selection-unknown': ['Diese Dateien sind nicht mehr ausgewählt.', 'Wählen Sie sie noch einmal aus.'],
  'hub.selection-too-large': [
    'Es sind mehr Dateien ausgewählt, als auf einmal heruntergeladen werden können ({filesMax}).',
    'Wählen Sie weniger aus, oder benutzen Sie rootcellar extract.',
  ],
  'hub.not-a-picture': [
    'Diese Datei ist kein Bild, das Browser zeigen, oder zu groß dafür.',
    'Laden Sie sie stattdessen herunter.',
  ],
  'hub.too-many-listeners': [
    'Es hören mehr Seiten diesem Hub zu, als er Ohren hat.',
    'Schließen Sie einige davon.',
  ],
  'hub.store-newer': [
    'Die Aufzeichnungen dieses Hubs hat ein neueres Rootcellar geschrieben.',
    'Starten Sie jenes, oder nennen Sie mit --data einen anderen Ordner.',
  ],
  'hub.store-unreadable': [
    'Die Aufzeichnungen dieses Hubs lassen sich nicht öffnen.',
    'Prüfen Sie den Ordner und seine Platte, oder die Adresse der Datenbank.',
  ],
  'hub.port-in-use': [
    'Ein anderes Programm benutzt diesen Port ({port}).',
    'Beenden Sie es, oder wählen Sie mit --port einen anderen.',
  ],
  'hub.address-unknown': [
    'Dieser Computer hat keine solche Adresse, oder keine, die man anbieten darf.',
    'Wählen Sie mit --host eine andere: 127.0.0.1 nur für diesen Computer, 0.0.0.0 für alle seine Adressen.',
  ],
  'hub.tls-needed': [
    'Ohne https könnten andere im Netz mitlesen.',
    'Geben Sie --tls-cert und --tls-key an, oder --insecure-http, wenn etwas anderes den Weg hierher schützt.',
  ],
  'hub.certificate-unusable': [
    'Das Zertifikat oder sein Schlüssel lässt sich nicht lesen, oder sie gehören nicht zusammen.',
    'Beide müssen PEM-Dateien sein, die Sie lesen dürfen; der Schlüssel ohne Passwort.',
  ],
  'hub.simulator-silent': ['Die simulierten iPhones antworten nicht.', 'Starten Sie den Hub neu.'],
  'hub.bug': [
    'Das ist ein Fehler in Rootcellar.',
    'Bitte melden Sie ihn mit den Zeilen, die im Terminal stehen.',
  ],
  'hub.unreachable': [
    'Der Hub antwortet nicht.',
    'Sehen Sie nach, ob er noch läuft: rootcellar start. Diese Seite macht von selbst weiter.',
  ],
  'hub.unknown-answer': [
    'Der Hub hat geantwortet, was diese Seite nicht versteht.',
    'Laden Sie die Seite neu.',
  ],
  'library.backup-unknown': [
    'Dieses Backup gibt es hier nicht, oder nicht mehr.',
    'Sehen Sie noch einmal in die Liste der Backups.',
  ],
  'library.unfinished': [
    'Dieses Backup wurde nie fertig, darum lässt es sich nicht öffnen.',
    'Sichern Sie noch einmal, und öffnen Sie es, wenn es fertig ist. Oder wählen Sie ein fertiges.',
  ],
  'library.archived': [
    'Dieses Backup ist archiviert: Es bleibt für immer.',
    'Wenn es weg soll, nehmen Sie es zuerst aus dem Archiv.',
  ],
  'backup.password-wrong': [
    'Das ist nicht das Passwort des Backups.',
    'Versuchen Sie es noch einmal. Es ist das Passwort, das beim Verschlüsseln gesetzt wurde, nicht der Code des iPhones.',
  ],
  'device-link.ended': [
    'Die Verbindung zum iPhone endete, ehe es fertig war.',
    'Prüfen Sie das Kabel, halten Sie das iPhone wach, dann starten Sie noch einmal.',
  ],
  'lockdown.not-trusted': [
    'Das iPhone vertraut diesem Computer nicht, oder nicht mehr.',
    'Bitten Sie es um Vertrauen, dann tippen Sie dort auf „Vertrauen“ und geben den Code ein.',
  ],
  'lockdown.trust-pending': [
    'Das iPhone fragt, ob es diesem Computer vertrauen soll, und niemand hat rechtzeitig geantwortet.',
    'Entsperren Sie es, tippen Sie auf „Vertrauen“ und geben Sie den Code ein; dann noch einmal.',
  ],
  'lockdown.trust-denied': [
    'Am iPhone wurde das Vertrauen abgelehnt.',
    'Ziehen Sie das Kabel ab, stecken Sie es wieder ein und tippen Sie diesmal auf „Vertrauen“.',
  ],
  'lockdown.locked': [
    'Das iPhone ist gesperrt.',
    'Entsperren Sie es mit dem Code, dann versuchen Sie es noch einmal.',
  ],
  'lockdown.wrong-device-key': [
    'Wer geantwortet hat, ist nicht das iPhone, das diesem Computer vertraut hat.',
    'Prüfen Sie, was verbunden ist. Wurde das iPhone gelöscht: Bitten Sie es um Vertrauen.',
  ],
  'lockdown.secure-connection-failed': [
    'Es kam keine gesicherte Verbindung zum iPhone zustande.',
    'Wurde es gelöscht, oder wurden seine Datenschutz-Einstellungen zurückgesetzt: Bitten Sie es um Vertrauen.',
  ],
  'mobilebackup2.setup-not-finished': [
    'Das iPhone ist noch nicht eingerichtet.',
    'Richten Sie es ein, von „Hallo“ an, oder stellen Sie ein Backup darauf wieder her.',
  ],
  'mobilebackup2.passcode-not-entered': [
    'Das iPhone war gesperrt, oder sein Code wurde nicht rechtzeitig eingegeben.',
    'Starten Sie noch einmal und geben Sie am iPhone den Code ein, wenn es fragt, innerhalb von drei Minuten.',
  ],
  'mobilebackup2.cancelled-on-device': [
    'Es wurde am iPhone abgebrochen.',
    'Starten Sie noch einmal, wann Sie mögen.',
  ],
};

/** What it means for the data, where that is always the same sentence. */
export const GERMAN_MEANINGS: Readonly<Record<string, string>> = {
  'Try again: the last backup of this iPhone does not open with it. If the password was changed elsewhere since then, back up once without giving it.':
    'Versuchen Sie es noch einmal: Das letzte Backup dieses iPhones öffnet es nicht. Wurde das Passwort seither anderswo geändert, sichern Sie einmal, ohne es anzugeben.',
  'Nothing was changed.': 'Es wurde nichts geändert.',
  'Nothing was changed, neither here nor on the iPhone.':
    'Es wurde nichts geändert, weder hier noch am iPhone.',
  'Something that is stored is damaged or gone. Nothing was changed, neither here nor on the iPhone.':
    'Etwas von dem, was aufbewahrt ist, ist beschädigt oder fehlt. Es wurde nichts geändert, weder hier noch am iPhone.',
  'Nothing is known to have changed.': 'Soweit bekannt, hat sich nichts geändert.',
  'Backups that are finished are not touched by this.': 'Fertige Backups berührt das nicht.',
  'What was backed up before is as it was. The next run goes on with what was received; only a first backup begins anew.':
    'Was vorher gesichert war, ist, wie es war. Der nächste Lauf macht mit dem weiter, was empfangen ist; nur ein erstes Backup beginnt von vorn.',
  'Nothing was changed on the iPhone. The backup is as it was.':
    'Am iPhone wurde nichts geändert. Das Backup ist, wie es war.',
  'Nothing was changed: the iPhone backs up as before.':
    'Es wurde nichts geändert: Das iPhone sichert wie bisher.',
  'What was backed up before is as it was.': 'Was vorher gesichert war, ist, wie es war.',
  'Backups made so far are as they were. Whether the password of future ones has changed, the iPhone tells.':
    'Die Backups von bisher sind, wie sie waren. Ob künftige ein anderes Passwort haben, sagt das iPhone.',
  'Backups made so far are as they were. Whether the password of future ones has changed, the iPhone tells: rootcellar encryption status.':
    'Die Backups von bisher sind, wie sie waren. Ob künftige ein anderes Passwort haben, sagt das iPhone: rootcellar encryption status.',
  'The new backup is whole, but could not be put in its place yet. Nothing is lost.':
    'Das neue Backup ist vollständig, konnte aber noch nicht an seinen Platz gebracht werden. Nichts ist verloren.',
  'A whole backup of before was being put in place, and could not be yet. Nothing of it is lost.':
    'Ein vollständiges Backup von vorher sollte an seinen Platz, und konnte es noch nicht. Nichts davon ist verloren.',
  'What had arrived of the last backup is no whole backup any more; it is set aside until the next is.':
    'Was vom letzten Backup angekommen war, ist kein vollständiges mehr; es liegt beiseite, bis das nächste es ist.',
  'The backup is as it was. The iPhone has taken everything and restarts by itself; if it shows Hello or its home screen, the restore is complete.':
    'Das Backup ist, wie es war. Das iPhone hat alles übernommen und startet von selbst neu; zeigt es „Hallo“ oder den Home-Bildschirm, ist die Wiederherstellung fertig.',
  'The backup is as it was. The iPhone may be between two states until the restore is run again.':
    'Das Backup ist, wie es war. Das iPhone ist vielleicht zwischen zwei Zuständen, bis die Wiederherstellung noch einmal läuft.',
};
