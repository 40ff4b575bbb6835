import { defineErrors } from '@rootcellar/core';

const NEW_BACKUP = 'Use another copy of this backup if there is one, or make a new backup.';

export const backupError = defineErrors('backup', {
  'plist-missing': {
    happened: 'The backup has no {file}.',
    next: 'Check that you chose the folder of one device. If you did, the backup was never finished: make a new one.',
  },
  'plist-empty': {
    happened: '{file} of the backup is empty, as an interrupted backup leaves it.',
    next: NEW_BACKUP,
  },
  'plist-damaged': {
    happened: '{file} of the backup is damaged.',
    next: NEW_BACKUP,
  },
  'plist-too-large': {
    happened: '{file} of the backup is larger than we accept ({sizeBytes}).',
    next: 'Check that you chose the folder of one device.',
  },
  'manifest-missing': {
    happened: 'The backup has no list of its files (Manifest.db).',
    next: 'The backup was never finished, or it is older than iOS 5. Make a new one.',
  },
  'manifest-empty': {
    happened: 'The list of files of the backup (Manifest.db) is empty.',
    next: NEW_BACKUP,
  },
  'manifest-encrypted': {
    happened: 'The list of files of the backup is encrypted.',
    next: 'Give the backup password, then try again.',
    retry: 'after-action',
  },
  'manifest-damaged': {
    happened: 'The list of files of the backup cannot be read ({reason}).',
    next: NEW_BACKUP,
  },
  'manifest-key-missing': {
    happened: 'The backup is encrypted, but the key of its list of files is missing.',
    next: NEW_BACKUP,
  },
  'not-encrypted': {
    happened: 'The backup is not encrypted.',
    next: 'Try again without a password.',
  },
  'keybag-missing': {
    happened: 'The backup is encrypted, but its keybag is missing, without which no password opens it.',
    next: NEW_BACKUP,
  },
  'keybag-damaged': {
    happened:
      'The keybag of the backup is damaged ({reason}). This does not mean that the password is wrong.',
    next: NEW_BACKUP,
  },
  'password-wrong': {
    happened: 'This is not the password of the backup.',
    next: 'Try again. It is the password that was set when encryption was switched on, not the passcode of the iPhone.',
    retry: 'after-action',
  },
  'file-key-damaged': {
    happened: 'The key of a file in the backup does not open ({reason}).',
    next: NEW_BACKUP,
  },
  'file-locked': {
    happened: 'A file of the backup is encrypted.',
    next: 'Give the backup password, then try again.',
    retry: 'after-action',
  },
  'keychain-missing': {
    happened: 'The backup has no keychain.',
    next: 'Nothing can be done: the iPhone did not send one.',
  },
  'manifest-closed': {
    happened: 'The list of files of the backup was closed while it was in use.',
    next: 'This is a mistake in this program. Please report it.',
  },
  'keychain-damaged': {
    happened: 'The list of passwords of the backup (keychain-backup.plist) cannot be read.',
    next: NEW_BACKUP,
  },
  'too-many-folders': {
    happened: 'The backup has more than {foldersMax} folders, which no iPhone has.',
    next: 'Do not trust where it came from. Extract a single app or kind of file instead.',
  },
  'pattern-too-long': {
    happened: 'The pattern for file names is longer than {charactersMax} characters.',
    next: 'Use a shorter one, or several one after the other.',
  },
  'file-id-invalid': {
    happened: 'The backup names a file in a way that no iPhone does.',
    next: 'Do not trust where it came from. If it came from an iPhone, please report it.',
  },
});
