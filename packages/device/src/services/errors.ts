import { defineErrors } from '@rootcellar/core';

const REPORT = 'Please report this; nothing on the iPhone was changed by it.';

export const afcError = defineErrors('afc', {
  'not-found': { happened: 'The iPhone has no such file.', next: 'Nothing needs to be done.' },
  busy: {
    happened: 'Another program is syncing this iPhone.',
    next: 'Close Finder, iTunes or Apple Devices, then try again.',
    retry: 'after-action',
  },
  'no-space': {
    happened: 'The iPhone is full.',
    next: 'Delete something on the iPhone, then try again.',
    retry: 'after-action',
  },
  'too-large': {
    happened: 'A file on the iPhone is larger than it should be, more than {bytesMax} bytes.',
    next: REPORT,
  },
  refused: {
    happened: 'The iPhone refused to read or write a file (status {status}).',
    next: 'Unlock the iPhone, then try again.',
    retry: 'after-action',
  },
  'answer-invalid': {
    happened: 'The iPhone sent a file message that makes no sense.',
    next: 'Plug it in again, then try again.',
    retry: 'now',
  },
});

export const applicationsError = defineErrors('installation-proxy', {
  'unknown-answer': {
    happened: 'The iPhone did not list its apps ({answer}).',
    next: 'Unlock the iPhone, then try again.',
    retry: 'now',
  },
});

export const heartbeatError = defineErrors('heartbeat', {
  lost: {
    happened: 'The Wi-Fi connection to the iPhone was lost.',
    next: 'Keep the iPhone awake, on power and near, or use a cable; then run it again.',
    retry: 'now',
  },
});

export const deviceLinkError = defineErrors('device-link', {
  'message-invalid': {
    happened: 'The iPhone sent a backup message that makes no sense ({reason}).',
    next: 'Plug it in again and restart it, then try again.',
    retry: 'now',
  },
  'not-ready': {
    happened: 'The backup service of the iPhone did not get ready.',
    next: 'Restart the iPhone, then try again.',
    retry: 'after-action',
  },
  ended: {
    happened: 'The connection to the iPhone ended before it was finished.',
    next: 'Check the cable, keep the iPhone awake, then run it again.',
    retry: 'now',
  },
  silent: {
    happened: 'The iPhone has not sent anything for {minutes} minutes.',
    next: 'Restart the iPhone, then run it again.',
    retry: 'after-action',
  },
});

export const mobilebackup2Error = defineErrors('mobilebackup2', {
  'no-common-version': {
    happened: 'The iPhone and this program speak no common version of the backup protocol.',
    next: 'Update this program.',
  },
  'name-refused': {
    happened: 'The iPhone named a file outside its own backup ({reason}). It was not touched.',
    next: REPORT,
  },
  'backup-encrypted-by-policy': {
    happened: 'An organisation requires encrypted backups of this iPhone.',
    next: 'Keep the encryption on, or ask the administrator.',
  },
  'keychain-failed': {
    happened: 'The iPhone could not read its passwords for the backup.',
    next: 'Unlock the iPhone, then try again.',
    retry: 'after-action',
  },
  'internal-problem': {
    happened: 'The iPhone reported an internal problem ({errorCode}).',
    next: 'Unlock and restart the iPhone, then try again.',
    retry: 'after-action',
  },
  'file-not-found': {
    happened: 'The iPhone did not find a file that belongs to the backup.',
    next: 'Let no other program rename or remove files of the backup, then verify it.',
  },
  'half-finished-backup': {
    happened: 'The iPhone still holds a half-finished backup.',
    next: 'Restart the iPhone, then back up again.',
    retry: 'after-action',
  },
  'restart-first': {
    happened: 'An earlier restore of this iPhone has not been completed.',
    next: 'Restart the iPhone, then try again.',
    retry: 'after-action',
  },
  'computer-unreadable': {
    happened: 'The iPhone could not read or write the backup on this computer ({errorCode}).',
    next: 'Check the disk and its cable; let no virus scanner hold the files; then try again.',
    retry: 'after-action',
  },
  'items-not-copied': {
    happened: 'The iPhone could not copy some of its items.',
    next: 'Keep the iPhone unlocked and awake, close its apps, then run the backup again.',
    retry: 'after-action',
  },
  'computer-full': {
    happened: 'There is not enough free space on this computer for the backup.',
    next: 'Free some space or choose another disk, then run it again.',
    retry: 'after-action',
  },
  'device-full': {
    happened: 'There is not enough free space on the iPhone to restore this backup.',
    next: 'Delete something on the iPhone or erase it, then try again.',
    retry: 'after-action',
  },
  'backup-incomplete': {
    happened: 'The iPhone found the backup incomplete or damaged.',
    next: 'When backing up: run it again with --full. When restoring: choose another backup.',
    retry: 'after-action',
  },
  'wrong-password': {
    happened: 'The backup password is wrong.',
    next: 'Try again. If it is forgotten: Settings, General, Transfer or Reset, Reset All Settings.',
    retry: 'after-action',
  },
  'newer-system': {
    happened: 'The backup was made with a newer iOS than the one on the iPhone.',
    next: 'Update the iPhone first, then restore.',
    retry: 'after-action',
  },
  'passcode-not-entered': {
    happened: 'The iPhone was locked, or its passcode was not entered in time.',
    next: 'Start again and enter the passcode on the iPhone when it asks, within three minutes.',
    retry: 'after-action',
  },
  'find-my-on': {
    happened: 'Find My iPhone must be switched off before restoring.',
    next: 'On the iPhone: Settings, your name, Find My. Switch it off, then restore.',
    retry: 'after-action',
  },
  'setup-not-finished': {
    happened: 'The iPhone has not been set up yet.',
    next: 'Finish the Hello screens on the iPhone, or restore a backup to it.',
    retry: 'after-action',
  },
  'cancelled-on-device': {
    happened: 'It was cancelled on the iPhone.',
    next: 'Run it again when you like.',
    retry: 'after-action',
  },
  'not-finished': {
    happened: 'The iPhone says it is done, but its backup is not marked as finished.',
    next: 'Run the backup again.',
    retry: 'now',
  },
  'unknown-answer': {
    happened: 'The iPhone ended with a code we do not know ({errorCode}).',
    next: 'Restart the iPhone and try again. If it stays, please report the number.',
    retry: 'after-action',
  },
});
