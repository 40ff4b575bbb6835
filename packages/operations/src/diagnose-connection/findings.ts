/** Who has to be told differently: the service that finds iPhones is another program on each. */
export type Platform = 'linux' | 'macos' | 'windows';

/** What is looked at, from the socket up. */
export const CHECKS = [
  'usb-service',
  'usb-service-answers',
  'device-attached',
  'lockdown-reachable',
  'trusted',
  'session',
  'services',
  'unlocked',
  'data-folder',
  'free-space',
  'secrets',
  'vaults',
] as const;

export type CheckCode = (typeof CHECKS)[number];

/** `unknown` is not a problem: it could not be looked at, because of a problem before it. */
export type CheckState = 'ok' | 'problem' | 'unknown';

/** One thing that a check can come to. */
export interface FindingText {
  readonly check: CheckCode;
  readonly state: CheckState;
  /** For the owner of the phone. `{name}` is replaced by a number or a UDID, here and in `help`. */
  readonly sentence: string;
  /** The one command or tap that helps. */
  readonly help?: string | Readonly<Record<Platform, string>>;
}

/** Checks the table, and keeps the names in it as types. */
const define = <const Table extends Record<string, FindingText>>(table: Table): Table => table;

/**
 * Everything the doctor can say. Codes are stable; wording is not.
 *
 * Source for what goes wrong: device-protocols §10.2; observed §5.5.
 */
export const FINDINGS = define({
  'usb-service-present': {
    check: 'usb-service',
    state: 'ok',
    sentence: 'The service that finds iPhones is running.',
  },
  'usb-service-missing': {
    check: 'usb-service',
    state: 'problem',
    sentence: 'The service that finds iPhones on USB is not there.',
    help: {
      linux: 'Run `sudo apt install usbmuxd` (or what your system calls it), then plug the iPhone in again.',
      macos: 'Restart the Mac: the service is part of macOS.',
      windows: 'Install Apple Devices from the Microsoft Store, then plug the iPhone in again.',
    },
  },
  'usb-service-asleep': {
    check: 'usb-service',
    state: 'problem',
    sentence: 'The service that finds iPhones on USB is installed, but does not run.',
    help: 'Plug the iPhone in: that starts it. If it does not, run `sudo systemctl start usbmuxd`.',
  },
  'usb-service-refusing': {
    check: 'usb-service',
    state: 'problem',
    sentence: 'The service that finds iPhones on USB was there, but has stopped.',
    help: {
      linux: 'Run `sudo systemctl restart usbmuxd`, then plug the iPhone in again.',
      macos: 'Run `sudo killall usbmuxd`: macOS starts it again by itself.',
      windows: 'Start the service "Apple Mobile Device Service" in Services, or restart Windows.',
    },
  },
  'usb-service-elsewhere': {
    check: 'usb-service',
    state: 'problem',
    sentence: 'Nobody listens where USBMUXD_SOCKET_ADDRESS says that the service for iPhones is.',
    help: {
      linux: 'Run `unset USBMUXD_SOCKET_ADDRESS` to use the service of this computer.',
      macos: 'Run `unset USBMUXD_SOCKET_ADDRESS` to use the service of this computer.',
      windows: 'Remove the environment variable USBMUXD_SOCKET_ADDRESS to use the service of this computer.',
    },
  },
  'usb-service-forbidden': {
    check: 'usb-service',
    state: 'problem',
    sentence: 'The service that finds iPhones on USB does not let you in.',
    help: {
      linux: 'Run `sudo usermod -aG usbmux "$USER"`, then sign out and in again.',
      macos: 'Run rootcellar as the person who is signed in at the screen.',
      windows: 'Run rootcellar as the person who is signed in at the screen.',
    },
  },
  'usb-service-answering': {
    check: 'usb-service-answers',
    state: 'ok',
    sentence: 'It answers.',
  },
  'usb-service-silent': {
    check: 'usb-service-answers',
    state: 'problem',
    sentence: 'The service that finds iPhones takes connections, but gives no answer that makes sense.',
    help: {
      linux: 'Run `sudo systemctl restart usbmuxd`, then plug the iPhone in again.',
      macos: 'Run `sudo killall usbmuxd`: macOS starts it again by itself.',
      windows: 'Restart the service "Apple Mobile Device Service" in Services, or restart Windows.',
    },
  },
  'device-on-usb': {
    check: 'device-attached',
    state: 'ok',
    sentence: 'An iPhone or iPad is connected with a cable.',
  },
  'device-on-wifi': {
    check: 'device-attached',
    state: 'ok',
    sentence: 'An iPhone or iPad is reached over Wi-Fi only. Pairing and restoring need a cable.',
  },
  'device-none': {
    check: 'device-attached',
    state: 'problem',
    sentence: 'No iPhone or iPad is connected.',
    help: {
      linux:
        'Unlock it and plug it in with a cable that carries data, straight into the computer. `lsusb` should show Apple.',
      macos: 'Unlock it and plug it in with a cable that carries data; allow the accessory if the Mac asks.',
      windows:
        'Unlock it and plug it in with a cable that carries data; Device Manager should show Apple Mobile Device.',
    },
  },
  'device-starting': {
    check: 'device-attached',
    state: 'problem',
    sentence: 'Something from Apple is connected, but it is still starting, or in recovery mode.',
    help: 'Wait a minute. If it shows a cable and a computer, hold its side button until it restarts.',
  },
  'device-not-found': {
    check: 'device-attached',
    state: 'problem',
    sentence: 'The device you named is not connected.',
    help: 'Run `rootcellar devices` to see what is connected.',
  },
  'lockdown-answering': {
    check: 'lockdown-reachable',
    state: 'ok',
    sentence: 'It answers, and is in its normal mode.',
  },
  'device-refusing': {
    check: 'lockdown-reachable',
    state: 'problem',
    sentence:
      'It refuses connections: it is starting, or its USB port is shut because it was locked for an hour.',
    help: 'Unlock it with its passcode while it is plugged in.',
  },
  'device-gone': {
    check: 'lockdown-reachable',
    state: 'problem',
    sentence: 'It was there, and then it was gone.',
    help: 'Plug it in again, with another cable if this happens often.',
  },
  'device-silent': {
    check: 'lockdown-reachable',
    state: 'problem',
    sentence: 'It is connected, but does not answer.',
    help: 'Unlock it and plug it in again; restart it if that does not help.',
  },
  'device-not-normal': {
    check: 'lockdown-reachable',
    state: 'problem',
    sentence: 'It is not in its normal mode: it shows a cable or a progress bar.',
    help: 'Let it finish. If nothing moves for an hour, restart it.',
  },
  trusted: {
    check: 'trusted',
    state: 'ok',
    sentence: 'It trusts this computer.',
  },
  'trust-missing': {
    check: 'trusted',
    state: 'problem',
    sentence: 'It has never been paired with this computer.',
    help: 'Run `rootcellar pair`, tap Trust on the iPhone, and enter its passcode.',
  },
  'trust-record-damaged': {
    check: 'trusted',
    state: 'problem',
    sentence: 'The keys of the pairing on this computer are damaged or incomplete.',
    help: 'Run `rootcellar pair`, tap Trust on the iPhone, and enter its passcode.',
  },
  'trust-record-unreadable': {
    check: 'trusted',
    state: 'unknown',
    sentence: 'The service for iPhones does not give the keys of the pairing.',
    help: 'Run `rootcellar pair`, tap Trust on the iPhone, and enter its passcode.',
  },
  'trust-withdrawn': {
    check: 'trusted',
    state: 'problem',
    sentence:
      'It no longer trusts this computer: it was erased, its trust was reset, or the pairing was not used for long.',
    help: 'Run `rootcellar pair`, tap Trust on the iPhone, and enter its passcode.',
  },
  'trust-prohibited': {
    check: 'trusted',
    state: 'problem',
    sentence: 'The organisation that manages it does not allow it to trust this computer.',
    help: 'Ask its administrator.',
  },
  'session-open': {
    check: 'session',
    state: 'ok',
    sentence: 'A secure connection to it can be made.',
  },
  'session-wrong-key': {
    check: 'session',
    state: 'problem',
    sentence: 'Whoever answered is not the iPhone that was paired: its key is another one.',
    help: 'If it was erased, run `rootcellar pair`. If not, unplug everything that is between it and the computer.',
  },
  'session-failed': {
    check: 'session',
    state: 'problem',
    sentence: 'No secure connection to it can be made.',
    help: 'Run `rootcellar pair`: the pairing was probably made anew somewhere else.',
  },
  'session-not-started': {
    check: 'session',
    state: 'problem',
    sentence: 'It ended the conversation, or gave an answer that we do not know.',
    help: 'Restart the iPhone, unlock it, then run `rootcellar doctor` again.',
  },
  'services-start': {
    check: 'services',
    state: 'ok',
    sentence: 'All functions that a backup needs can be started.',
  },
  'services-missing': {
    check: 'services',
    state: 'problem',
    sentence: 'It does not start {count} of the functions that a backup needs.',
    help: 'Restart the iPhone, unlock it, then run `rootcellar doctor` again.',
  },
  'services-prohibited': {
    check: 'services',
    state: 'problem',
    sentence: 'It does not allow the functions that a backup needs.',
    help: 'Look in its settings for Lockdown Mode and for restrictions of an organisation.',
  },
  'services-busy': {
    check: 'services',
    state: 'problem',
    sentence: 'It has too many connections open.',
    help: 'Close Finder, iTunes, Apple Devices and other programs that use it, or restart it.',
  },
  unlocked: { check: 'unlocked', state: 'ok', sentence: 'It is unlocked.' },
  locked: {
    check: 'unlocked',
    state: 'problem',
    sentence: 'It is locked. Pairing and backing up need it unlocked.',
    help: 'Unlock it with its passcode.',
  },
  'never-unlocked': {
    check: 'unlocked',
    state: 'problem',
    sentence: 'It has not been unlocked since it was switched on, so nobody can read it yet.',
    help: 'Unlock it once with its passcode.',
  },
  'lock-not-told': {
    check: 'unlocked',
    state: 'unknown',
    sentence: 'It does not tell whether it is locked.',
  },
  'data-folder-writable': {
    check: 'data-folder',
    state: 'ok',
    sentence: 'Rootcellar can write where it keeps its state.',
  },
  'data-folder-shut': {
    check: 'data-folder',
    state: 'problem',
    sentence: 'Rootcellar cannot write where it keeps its state.',
    help: 'Choose another place with `--data DIR`, or make yourself the owner of this one.',
  },
  'space-enough': {
    check: 'free-space',
    state: 'ok',
    sentence: '{gigabytes} GB are free where Rootcellar keeps its state.',
  },
  'space-short': {
    check: 'free-space',
    state: 'problem',
    sentence: 'Only {gigabytes} GB are free where Rootcellar keeps its state; a backup needs more.',
    help: 'Free some space, or keep the state on another disk with `--data DIR`.',
  },
  'space-unknown': {
    check: 'free-space',
    state: 'unknown',
    sentence: 'The system does not tell how much space is free.',
  },
  'secrets-in-files': {
    check: 'secrets',
    state: 'ok',
    sentence: 'What opens the vaults lies in files of the data folder that only you can read.',
  },
  'secrets-in-key-store': {
    check: 'secrets',
    state: 'ok',
    sentence:
      'What opens the vaults lies in the key store of this computer: for another one you need the recovery kits.',
  },
  'secrets-in-both': {
    check: 'secrets',
    state: 'ok',
    sentence:
      'What opens the vaults lies partly in the key store of this computer, partly in files of the data folder that only you can read.',
  },
  'secrets-will-be-in-files': {
    check: 'secrets',
    state: 'ok',
    sentence: 'There are no keys of vaults yet; they will lie in files that only you can read.',
  },
  'secrets-will-be-in-key-store': {
    check: 'secrets',
    state: 'ok',
    sentence: 'There are no keys of vaults yet; they will lie in the key store of this computer.',
  },
  'secrets-locked': {
    check: 'secrets',
    state: 'problem',
    sentence: 'What opens the vaults lies in the key store of this computer, and that is locked.',
    help: 'Sign in at the screen of this computer, or open the program that shows its passwords.',
  },
  'secrets-out-of-reach': {
    check: 'secrets',
    state: 'problem',
    sentence: 'What opens the vaults lies in the key store of an operating system, and none answers here.',
    help: 'Run rootcellar as the person who is signed in at the screen, or take the keys from the recovery kits.',
  },
  'secrets-unknown': {
    check: 'secrets',
    state: 'problem',
    sentence: 'ROOTCELLAR_KEY_STORE asks for something that is not here, or is not understood.',
    help: 'Set it to `file`, or leave it away.',
  },
  'vaults-none': {
    check: 'vaults',
    state: 'ok',
    sentence: 'There are no vaults yet; the first backup makes one.',
  },
  'vaults-in-place': {
    check: 'vaults',
    state: 'ok',
    sentence: 'The vaults are where they were last time, and open; those on servers were not asked for.',
  },
  'vault-not-found': {
    check: 'vaults',
    state: 'problem',
    sentence: 'A vault is not where it was last time.',
    help: 'Look at each of them: `rootcellar vault list`.',
  },
  'vault-not-opened': {
    check: 'vaults',
    state: 'problem',
    sentence: 'A vault cannot be opened.',
    help: 'Look at each of them: `rootcellar vault list`.',
  },
  'vault-not-writable': {
    check: 'vaults',
    state: 'problem',
    sentence: 'Nothing can be written into the vault of {udid}.',
    help: 'Run rootcellar as the person whose vault it is, or give yourself the right to write there.',
  },
  'vault-lacks-packs': {
    check: 'vaults',
    state: 'problem',
    sentence: 'Files of the vault of {udid} are gone.',
    help: 'What that means for the backups: `rootcellar vault check {udid}`.',
  },
  'vault-record-damaged': {
    check: 'vaults',
    state: 'problem',
    sentence: 'Of a backup in the vault of {udid} nobody can read what it is.',
    help: 'Look for what it named: `rootcellar vault repair {udid} --salvage`.',
  },
  'newest-backup-missed': {
    check: 'vaults',
    state: 'problem',
    sentence: 'The newest backup of an iPhone is not in its vault any more.',
    help: 'What is there: `rootcellar backups`.',
  },
  'older-backup-damaged': {
    check: 'vaults',
    state: 'problem',
    sentence: 'An older backup of {udid} was found damaged. The newest was not.',
    help: 'What can be kept of it, and how it goes: `rootcellar vault check {udid}`.',
  },
  'newest-backup-damaged': {
    check: 'vaults',
    state: 'problem',
    sentence: 'The newest backup of {udid} was found damaged.',
    help: 'Make a new one: `rootcellar backup`. What is damaged: `rootcellar vault check {udid}`.',
  },
});

export type FindingName = keyof typeof FINDINGS;

/** What a check came to, in words for this platform. */
export interface Check {
  readonly code: CheckCode;
  /** Which of the things that the check can come to; `not-looked-at` after a problem before it. */
  readonly finding: FindingName | 'not-looked-at';
  readonly state: CheckState;
  readonly sentence: string;
  readonly help?: string;
  /** Of checks that are about one device. */
  readonly udid?: string;
}

export function say(
  finding: FindingName,
  platform: Platform,
  details: Readonly<Record<string, number | string>> = {},
): Check {
  const { check: code, state, sentence, help }: FindingText = FINDINGS[finding];
  const helpHere = typeof help === 'object' ? help[platform] : help;
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));
  return {
    code,
    finding,
    state,
    sentence: filled(sentence),
    ...(helpHere !== undefined && { help: filled(helpHere) }),
  };
}

/** Systems we have no words for are told what Linux is told: all of them run the same usbmuxd. */
export function platformOf(platform: NodeJS.Platform): Platform {
  if (platform === 'darwin') return 'macos';
  return platform === 'win32' || platform === 'cygwin' ? 'windows' : 'linux';
}
