import type { ToldError } from './german-errors.ts';

const CHECK_VAULT =
  'Prüfen Sie den Tresor. Wenn es eine Kopie von ihm gibt, holen Sie den beschädigten Teil von dort zurück.';

/** What goes wrong while a backup is made, stored or read. */
export const GERMAN_VAULT_ERRORS: Readonly<Record<string, ToldError>> = {
  'operation.device-busy': [
    'Ein anderes Rootcellar arbeitet mit diesem iPhone ({operation}): Prozess {pid} auf {host}, seit {since} UTC.',
    'Warten Sie, bis es fertig ist, oder halten Sie es an; dann versuchen Sie es noch einmal.',
  ],
  'operation.disk-too-small': [
    'Es ist nicht genug Platz frei: {freeBytes} sind frei, und ein iPhone sichert nur, wo {neededBytes} frei bleiben.',
    'Schaffen Sie Platz oder wählen Sie eine andere Platte, dann starten Sie noch einmal.',
  ],
  'operation.data-folder-unwritable': [
    'In den Ordner, in dem dieses Programm seinen eigenen Zustand hält, lässt sich nicht schreiben.',
    'Berichtigen Sie seine Rechte, oder nennen Sie mit --data einen anderen.',
  ],
  'operation.backup-not-whole': [
    'Das eben gemachte Backup ist nicht vollständig (Befunde: {findings}).',
    'Sichern Sie noch einmal mit --full. Bleibt es dabei, melden Sie es bitte.',
  ],
  'operation.vault-key-missing': [
    'Der Schlüssel zum Tresor dieses iPhones ist nicht dort, wo er lag.',
    'Nehmen Sie ihn vom Rettungsblatt: rootcellar vault create UDID --storage ORT --adopt fragt einmal danach und bewahrt ihn auf. Die ganze Zeile steht auf dem Blatt, und rootcellar vault list zeigt beides. Oder setzen Sie ROOTCELLAR_VAULT_PASSWORD darauf.',
  ],
  'operation.vault-key-unreadable': [
    'Der Schlüssel zum Tresor dieses iPhones ist dort, wo er lag, lässt sich aber nicht lesen.',
    'Sehen Sie sich die Datei im Ordner „keys“ des Datenordners an: Berichtigen Sie ihre Rechte, oder legen Sie sie an einen sicheren Ort. Dann versuchen Sie es noch einmal.',
  ],
  'operation.key-store-locked': [
    'Der Schlüsselbund dieses Computers ist gesperrt, und was den Tresor öffnet, liegt darin. Die Backups sind vollständig.',
    'Entsperren Sie ihn: Melden Sie sich am Bildschirm dieses Computers an, oder öffnen Sie das Programm, das seine Passwörter zeigt. Dann versuchen Sie es noch einmal. Oder setzen Sie ROOTCELLAR_VAULT_PASSWORD auf den Schlüssel, der auf dem Rettungsblatt steht.',
  ],
  'operation.key-store-out-of-reach': [
    'Was den Tresor öffnet, liegt im Schlüsselbund des Betriebssystems, und hier antwortet keiner. Die Backups sind vollständig.',
    'Führen Sie dies als die Person aus, die es eingerichtet hat, während sie an jenem Computer angemeldet ist. Oder setzen Sie ROOTCELLAR_VAULT_PASSWORD auf den Schlüssel, der auf dem Rettungsblatt steht. Auf einem anderen Computer: rootcellar vault create UDID --storage LOCATION --adopt.',
  ],
  'operation.key-store-lost': [
    'Was den Tresor öffnet, ist nicht mehr im Schlüsselbund dieses Computers. Die Backups sind vollständig.',
    'Nehmen Sie den Schlüssel vom Rettungsblatt: rootcellar vault create UDID --storage LOCATION --adopt fragt danach und bewahrt ihn auf, oder setzen Sie ROOTCELLAR_VAULT_PASSWORD darauf. Was an einem Server anmeldet, wird neu erfragt.',
  ],
  'operation.key-store-failed': [
    'Der Schlüsselbund dieses Computers hat nicht getan, worum er gebeten wurde.',
    'Versuchen Sie es noch einmal. Bleibt es dabei, legt ROOTCELLAR_KEY_STORE=file neue Schlüssel in Dateien, die nur Sie lesen können.',
  ],
  'operation.key-store-missing': [
    'Es gibt hier keinen Schlüsselbund des Betriebssystems, der sich benutzen ließe.',
    'Unter Linux braucht es secret-tool (libsecret-tools) und jemanden, der am Bildschirm angemeldet ist. Oder legen Sie Schlüssel in Dateien, die nur Sie lesen können: ROOTCELLAR_KEY_STORE=file.',
  ],
  'operation.key-store-note-damaged': [
    'Die Notiz, dass ein Schlüssel im Schlüsselbund dieses Computers liegt, lässt sich nicht lesen. Die Backups sind vollständig.',
    'Nehmen Sie die Datei UDID.in-key-store aus dem Ordner „keys“ des Datenordners heraus, und nehmen Sie den Schlüssel vom Rettungsblatt: Setzen Sie ROOTCELLAR_VAULT_PASSWORD darauf.',
  ],
  'operation.key-store-word-unknown': [
    'ROOTCELLAR_KEY_STORE sagt etwas, das nicht verstanden wird.',
    'Setzen Sie es auf system oder auf file, oder lassen Sie es weg.',
  ],
  'operation.vault-away': [
    'Der Tresor dieses iPhones liegt nicht unter {place}, wo er zuletzt war. Es wurde kein anderer begonnen.',
    'Schließen Sie seine Platte an. Haben Sie ihn verschoben: rootcellar vault create {udid} --storage NEUER_ORT --adopt. Ist er für immer weg, beginnen Sie einen neuen: rootcellar vault create {udid} --storage {quotedPlace} --anew.',
  ],
  'operation.vault-not-the-same': [
    'Wo der Tresor dieses iPhones war, liegt ein anderer. Es wurde nichts in ihn geschrieben.',
    'Schließen Sie die richtige Platte an, oder suchen Sie auf dem Server den richtigen Ordner. Ist der Tresor umgezogen: rootcellar vault create UDID --storage LOCATION --adopt.',
  ],
  'operation.location-file-damaged': [
    'Die Notiz, wo der Tresor dieses iPhones liegt, lässt sich nicht lesen.',
    'Sagen Sie es noch einmal: rootcellar vault create UDID --storage LOCATION --adopt. Beides steht auf dem Rettungsblatt.',
  ],
  'operation.location-file-newer': [
    'Eine neuere Version dieses Programms hat aufgeschrieben, wo der Tresor dieses iPhones liegt.',
    'Installieren Sie die neueste Version dieses Programms, dann versuchen Sie es noch einmal.',
  ],
  'operation.sign-in-missing': [
    'Der Ort, an dem der Tresor liegt, verlangt ein Passwort, und keines ist bekannt.',
    'Für einen REST-Server setzen Sie RESTIC_REST_PASSWORD (und RESTIC_REST_USERNAME), für S3 AWS_ACCESS_KEY_ID und AWS_SECRET_ACCESS_KEY.',
  ],
  'operation.sign-in-damaged': [
    'Was zur Anmeldung dort gespeichert war, wo der Tresor liegt, lässt sich nicht lesen.',
    'Löschen Sie die Datei UDID.storage.json oder UDID.storage.json.in-key-store im Ordner „keys“ des Datenordners, und melden Sie sich neu an.',
  ],
  'operation.vault-of-another': [
    'Der Tresor an diesem Ort enthält Backups eines anderen iPhones.',
    'Wählen Sie einen anderen Ort, etwa einen anderen Ordner dort: Jedes iPhone hat seinen eigenen Tresor.',
  ],
  'operation.vault-unknown': [
    'Für dieses iPhone gibt es hier keinen Tresor.',
    'Das erste Backup legt einen an. Liegt er woanders, nennen Sie den Ordner mit --data.',
  ],
  'operation.snapshot-unknown': [
    'Ein Backup dieses Namens gibt es nicht, weder in einem Tresor noch als Ordner.',
    'Sehen Sie in die Liste: rootcellar backups',
  ],
  'operation.newest-missed': [
    'Das Backup vom {takenAt} UTC, damals das neueste dieses iPhones, ist nicht mehr in seinem Tresor, und dieser Computer hat es nicht gelöscht.',
    'Liegt dort eine ältere Kopie des Tresors, bringen Sie die neuere zurück. Sonst suchen Sie es: rootcellar vault repair {udid} --salvage. Ist es für immer weg oder woanders gelöscht: rootcellar vault accept {udid}. Um ein anderes Backup zu nehmen, nennen Sie seine Kennung: rootcellar backups.',
  ],
  'operation.newest-unproved': [
    'Das Backup vom {takenAt} UTC, das neueste dieses iPhones, wurde wiedergefunden, und noch weiß niemand, ob es heil ist.',
    'Sehen Sie nach: rootcellar verify {id}. Um ein anderes Backup zu nehmen, nennen Sie seine Kennung: rootcellar backups.',
  ],
  'operation.snapshot-archived': [
    'Dieses Backup ist archiviert: Es bleibt für immer.',
    'Wenn es weg soll, nehmen Sie es zuerst aus dem Archiv: rootcellar archive {id} --off',
  ],
  'operation.snapshot-in-use': [
    'Ein Backup, das darauf wartet, gespeichert zu werden, baut auf diesem auf.',
    'Sichern Sie noch einmal: Das macht jenes zuerst fertig. Dann löschen Sie dieses.',
  ],
  'operation.stored-part-damaged': [
    'Das letzte Backup wartet darauf, gespeichert zu werden, und kann es nicht: Es baut auf einem früheren auf, das im Tresor beschädigt ist.',
    'Lassen Sie das iPhone alles noch einmal senden (rootcellar backup --full). Was im Tresor heil ist, wird vorher gesichert.',
  ],
  'operation.stored-part-lost': [
    'Ein Teil des letzten Backups war schon gespeichert oder baute auf einem früheren auf, und jemand hat das aus dem Tresor gelöscht.',
    'Frühere Backups sind, wie sie waren. Sichern Sie noch einmal: Es beginnt von vorn.',
  ],
  'operation.password-empty': ['Ein leeres Passwort würde nichts schützen.', 'Wählen Sie ein anderes.'],
  'operation.restore-blocked': [
    'Dieses Backup lässt sich jetzt nicht auf diesem iPhone wiederherstellen ({rules}).',
    'Tun Sie, was der Plan zu jedem Grund sagt, dann versuchen Sie es noch einmal.',
  ],
  'operation.already-encrypted': [
    'Backups dieses iPhones haben schon ein Passwort.',
    'Um ihnen ein anderes zu geben: rootcellar encryption change.',
  ],
  'operation.not-encrypted': [
    'Backups dieses iPhones haben kein Passwort.',
    'Um ihnen eines zu geben: rootcellar encryption on.',
  ],
  'operation.encryption-required': [
    'Die Organisation, die dieses iPhone verwaltet, erlaubt nur Backups mit Passwort.',
    'Behalten Sie das Passwort, oder fragen Sie die Verwaltung. Es lässt sich ändern: rootcellar encryption change.',
  ],
  'operation.cable-needed': [
    'Das iPhone ist über WLAN verbunden, und dass das ohne Kabel geht, hat noch niemand gezeigt.',
    'Schließen Sie das iPhone mit einem Kabel an, dann versuchen Sie es noch einmal.',
  ],
  'operation.password-change-unseen': [
    'Das iPhone sagt, es habe das Passwort seiner Backups geändert, zeigt es aber nicht.',
    'Fragen Sie es in einer Minute noch einmal: rootcellar encryption status.',
  ],
  'operation.zip-entry-too-large': [
    'Eine Datei ist größer, als das Backup sagt, und zu groß für dieses Zip.',
    'Laden Sie sie einzeln herunter, oder benutzen Sie rootcellar extract.',
  ],
  'operation.restart-not-seen': [
    'Das iPhone hat alles angenommen, kam aber nach seinem Neustart nicht innerhalb von {minutes} Minuten zurück.',
    'Sehen Sie auf das iPhone. Zeigt es „Hallo“ oder seinen Home-Bildschirm, ist die Wiederherstellung fertig.',
  ],
  'operation.maybe-restored': [
    'Die Verbindung endete, als alles gesendet war, ehe das iPhone sagen konnte, dass es fertig ist.',
    'Sehen Sie auf das iPhone. Startet es von selbst neu, ist die Wiederherstellung fertig; sonst starten Sie sie noch einmal.',
  ],
  'vault.sealed-damaged': [
    'Gespeicherte Bytes des Tresors sind beschädigt, oder mit einem anderen Schlüssel versiegelt.',
    CHECK_VAULT,
  ],
  'vault.not-there': [
    'Unter {place} gibt es keinen Tresor.',
    'Prüfen Sie den Ort: Ist seine Platte angeschlossen, ist es der richtige Server? Um dort einen neuen Tresor zu beginnen, legen Sie ihn zuerst an.',
  ],
  'vault.config-missing': [
    'Der Tresor unter {place} ist beschädigt: Seine Datei „config“ ist weg. Dort wird nichts Neues begonnen.',
    'Holen Sie die Datei „config“ aus einer Kopie des Tresors; niemand kann sie neu machen. Lassen Sie bis dahin alles andere, wie es ist. Gibt es keine Kopie: Räumen Sie den Tresor beiseite, dann sagt das nächste Backup, wie ein neuer begonnen wird.',
  ],
  'vault.password-wrong': [
    'Das ist kein Passwort des Tresors.',
    'Versuchen Sie es noch einmal, oder nehmen Sie das Rettungsblatt des Tresors.',
  ],
  'vault.keys-missing': [
    'Der Tresor hat keine Schlüssel mehr: Sein Ordner „keys“ ist leer. Ein Passwort allein öffnet ihn nicht.',
    'Holen Sie den Ordner „keys“ aus einer Kopie des Tresors, auch einer alten: Was darin ist, öffnet den Tresor mit seinem Passwort von damals. Ohne eine solche Kopie kann ihn niemand mehr öffnen: Räumen Sie ihn beiseite, dann sagt das nächste Backup, wie ein neuer begonnen wird.',
  ],
  'vault.index-damaged': [
    'Das Verzeichnis des Tresors, das sagt, wo alles liegt, ist beschädigt. Was es nennt, kann heil sein.',
    'Lassen Sie es neu anlegen, aus dem, was da ist: rootcellar vault repair. Kein Backup wird dabei gelöscht.',
  ],
  'vault.pack-damaged': ['Ein Paket des Tresors ist beschädigt ({reason}).', CHECK_VAULT],
  'vault.blob-missing': [
    'Ein Teil einer gespeicherten Datei liegt in keinem bekannten Paket des Tresors.',
    'Prüfen Sie den Tresor, dann reparieren Sie seinen Index.',
  ],
  'vault.blob-damaged': [
    'Ein Teil einer gespeicherten Datei hat nicht den Inhalt, der gespeichert wurde.',
    CHECK_VAULT,
  ],
  'vault.tree-damaged': ['Ein Ordner eines Backups lässt sich nicht lesen ({reason}).', CHECK_VAULT],
  'vault.snapshot-unknown': [
    'Diesen Stand gibt es im Tresor nicht.',
    'Lassen Sie sich die Stände des Tresors zeigen, dann versuchen Sie es noch einmal.',
  ],
  'vault.locked': [
    'Ein anderes Programm arbeitet mit dem Tresor: Prozess {pid} auf {host}, mindestens seit {since} UTC.',
    'Warten Sie, bis es fertig ist, dann versuchen Sie es noch einmal. Ein Programm, das abgestürzt ist, hält andere höchstens 30 Minuten fern.',
  ],
  'vault.lock-lost': [
    'Die Sperre des Tresors ging während der Arbeit verloren: Sie ließ sich nicht erneuern oder wurde entfernt.',
    'Prüfen Sie, dass kein anderes Programm den Tresor aufräumt, dann versuchen Sie es noch einmal.',
  ],
  'storage.not-found': ['Eine Datei des Tresors fehlt dort, wo er gespeichert ist.', CHECK_VAULT],
  'storage.cut-short': [
    'Eine Datei des Tresors ist kürzer, als sie sein sollte ({receivedBytes} von {expectedBytes}).',
    CHECK_VAULT,
  ],
  'tree.disk-full': [
    'Die Platte ist voll.',
    'Schaffen Sie Platz, oder wählen Sie eine andere Platte, dann starten Sie noch einmal.',
  ],
  'tree.input-output': [
    'Die Platte ließ sich nicht lesen oder beschreiben.',
    'Prüfen Sie die Platte und ihr Kabel, dann versuchen Sie es noch einmal.',
  ],
  'tree.not-permitted': [
    'Der Computer erlaubt uns nicht, dort zu lesen oder zu schreiben.',
    'Wählen Sie einen Ordner, der Ihnen gehört, oder berichtigen Sie seine Rechte.',
  ],
  'tree.read-only': ['Dort lässt sich nur lesen.', 'Wählen Sie einen anderen Ordner zum Schreiben.'],
  'tree.not-found': [
    'Eine Datei, die da sein sollte, fehlt.',
    'Sehen Sie nach, dass kein anderes Programm den Ordner ändert, dann versuchen Sie es noch einmal.',
  ],
  'storage.full': [
    'Dort, wo der Tresor gespeichert ist, ist kein Platz mehr.',
    'Schaffen Sie dort Platz, oder erhöhen Sie die Quote, dann starten Sie noch einmal.',
  ],
  'storage.not-permitted': [
    'Der Ort, an dem der Tresor gespeichert ist, erlaubt das nicht.',
    'Prüfen Sie, ob Sie dort schreiben und löschen dürfen. Ein Server, der mit Absicht niemanden löschen lässt, verweigert das immer.',
  ],
  'storage.not-signed-in': [
    'Der Ort, an dem der Tresor gespeichert ist, nimmt unseren Namen und unser Passwort nicht an.',
    'Prüfen Sie beides. Ein REST-Server bekommt sie aus RESTIC_REST_USERNAME und RESTIC_REST_PASSWORD, S3 aus AWS_ACCESS_KEY_ID und AWS_SECRET_ACCESS_KEY.',
  ],
  'storage.not-reached': [
    'Der Ort, an dem der Tresor gespeichert ist, lässt sich nicht erreichen.',
    'Prüfen Sie das Netz und die Adresse, dann versuchen Sie es noch einmal.',
  ],
  'storage.certificate-invalid': [
    'Der Ort, an dem der Tresor gespeichert ist, kann nicht beweisen, dass er der gesuchte ist.',
    'Prüfen Sie die Adresse. Wenn er ein eigenes Zertifikat von Ihnen hat, geben Sie es diesem Programm.',
  ],
  'storage.clock-differs': [
    'Die Uhr dieses Computers geht anders als die des Ortes, an dem der Tresor gespeichert ist.',
    'Stellen Sie die Uhr dieses Computers, dann versuchen Sie es noch einmal.',
  ],
  'storage.timed-out': [
    'Der Ort, an dem der Tresor gespeichert ist, hat nicht innerhalb von {timeoutMs} ms geantwortet.',
    'Prüfen Sie das Netz, dann versuchen Sie es noch einmal.',
  ],
  'storage.busy': [
    'Der Ort, an dem der Tresor gespeichert ist, kann gerade nicht antworten (Status {status}).',
    'Versuchen Sie es später noch einmal.',
  ],
  'storage.input-output': [
    'Die Platte, auf der der Tresor gespeichert ist, ließ sich nicht lesen oder beschreiben.',
    'Prüfen Sie die Platte und ihr Kabel, dann versuchen Sie es noch einmal.',
  ],
};
