import { inBothLanguages } from './languages.ts';

export const firstVisitWords = inBothLanguages(
  {
    step: (at: number, of: number) => `Step ${at} of ${of}`,
    later: 'Do This Later',
    trust: {
      title: (name: string) => `Does ${name} trust this computer?`,
      text: 'An iPhone shows its content only to computers its owner has allowed. That takes two taps, once.',
      ready: (name: string) => `${name} trusts this computer`,
      readyText: 'It tells its name and its model now, and can be backed up.',
    },
    where: {
      title: 'Where to keep the backups',
      text: 'Every version stays, on a disk that is yours. Nothing leaves this computer.',
      folder: 'This computer',
      free: (bytes: string) => `${bytes} are free there`,
      tight: 'A first backup may need more room than there is. Free some space before you go on.',
      cloud: 'Cloud',
    },
    encrypt: {
      title: 'Lock the backups with a password?',
      text: 'The iPhone itself locks them before they leave it. Only then does it give out its most private things.',
      yes: 'Yes, with a password',
      yesText: 'Passwords, Wi-Fi networks, Health and the call history come along.',
      no: 'No',
      noText:
        'Photos, messages and app data come along. Passwords, Health and the call history do not, and whoever has this disk can read the rest.',
      already:
        'This iPhone locks its backups already. The password is the one it was given then, perhaps by another computer.',
      set: 'Set the Password',
      isSet: 'The password is set.',
      waiting: 'Confirm it on the iPhone now.',
    },
    kit: {
      title: 'Keep the recovery kit',
      text: 'The backups are sealed with a key that lies on this computer. If it is lost, this page and the disk open them on any other one. Without the page nobody can, and neither can we.',
      save: 'Save the Kit to Print It',
      keep: 'Keep it where you keep your passports. Not on the iPhone it is meant to rescue.',
      password: 'The password of the backups is not on it: write it down beside it.',
      have: 'It is printed, or in a safe place',
      again: 'The kit holds the key. Whoever has it and the disk can read everything.',
    },
    start: {
      title: 'The first backup',
      text: 'It takes about 20 minutes for 100 GB; later ones only a few. The iPhone asks for its passcode once, then you can put it down.',
      running: 'It runs. You can go anywhere in the meantime; the bar below stays with you.',
      done: 'Every file is there. One thing is left to do: keep the key where it survives this computer.',
      toDevice: 'Show the iPhone',
    },
  },
  {
    step: (at, of) => `Schritt ${at} von ${of}`,
    later: 'Später',
    trust: {
      title: (name) => `Vertraut ${name} diesem Computer?`,
      text: 'Ein iPhone zeigt seinen Inhalt nur Computern, die sein Besitzer erlaubt hat. Das sind zwei Fingertipps, einmal.',
      ready: (name) => `${name} vertraut diesem Computer`,
      readyText: 'Es sagt nun Namen und Modell und kann gesichert werden.',
    },
    where: {
      title: 'Wo die Backups bleiben',
      text: 'Jede Version bleibt, auf einer Platte, die Ihnen gehört. Nichts verlässt diesen Computer.',
      folder: 'Dieser Computer',
      free: (bytes) => `${bytes} sind dort frei`,
      tight:
        'Ein erstes Backup braucht vielleicht mehr Platz, als da ist. Schaffen Sie Platz, ehe Sie weitermachen.',
      cloud: 'Cloud',
    },
    encrypt: {
      title: 'Die Backups mit einem Passwort verschließen?',
      text: 'Das iPhone selbst verschließt sie, ehe sie es verlassen. Nur dann gibt es sein Persönlichstes heraus.',
      yes: 'Ja, mit einem Passwort',
      yesText: 'Passwörter, WLANs, Health und Anruflisten kommen mit.',
      no: 'Nein',
      noText:
        'Fotos, Nachrichten und Daten der Apps kommen mit. Passwörter, Health und Anruflisten nicht, und wer diese Platte hat, kann den Rest lesen.',
      already:
        'Dieses iPhone verschließt seine Backups schon. Das Passwort ist das von damals, vielleicht von einem anderen Computer.',
      set: 'Passwort setzen',
      isSet: 'Das Passwort ist gesetzt.',
      waiting: 'Bestätigen Sie es nun am iPhone.',
    },
    kit: {
      title: 'Das Rettungsblatt aufbewahren',
      text: 'Die Backups sind mit einem Schlüssel verschlossen, der auf diesem Computer liegt. Geht er verloren, öffnen dieses Blatt und die Platte sie auf jedem anderen. Ohne das Blatt kann es niemand, auch wir nicht.',
      save: 'Blatt sichern und drucken',
      keep: 'Legen Sie es zu Ihren Pässen. Nicht auf das iPhone, das es retten soll.',
      password: 'Das Passwort der Backups steht nicht darauf: Schreiben Sie es daneben.',
      have: 'Es ist gedruckt oder an einem sicheren Ort',
      again: 'Auf dem Blatt steht der Schlüssel. Wer es und die Platte hat, kann alles lesen.',
    },
    start: {
      title: 'Das erste Backup',
      text: 'Es dauert für 100 GB etwa 20 Minuten, spätere nur wenige. Das iPhone fragt einmal nach seinem Code, dann können Sie es hinlegen.',
      running: 'Es läuft. Sie können inzwischen überall hin; die Leiste unten bleibt bei Ihnen.',
      done: 'Jede Datei ist da. Eines bleibt zu tun: den Schlüssel dort aufbewahren, wo er diesen Computer überlebt.',
      toDevice: 'iPhone zeigen',
    },
  },
);
