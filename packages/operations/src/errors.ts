import { defineErrors } from '@rootcellar/core';

export const operationError = defineErrors('operation', {
  'device-busy': {
    happened:
      'Another rootcellar is working with this iPhone ({operation}): process {pid} on {host}, since {since} UTC.',
    next: 'Wait until it is done, or stop it; then try again.',
    retry: 'after-action',
  },
  'folder-unknown': {
    happened: 'This folder holds no backup of an iPhone.',
    next: 'Name the folder that is called like the UDID of the iPhone, or the one that holds just it.',
  },
  'folder-ambiguous': {
    happened: 'This folder holds {count} backups, and you did not say which.',
    next: 'Name the one you mean: the folder that is called like the UDID of its iPhone.',
  },
  'disk-too-small': {
    happened:
      'There is not enough free space: {freeBytes} are free, and an iPhone backs up only where {neededBytes} stay free.',
    next: 'Free some space or choose another disk, then run it again.',
    retry: 'after-action',
  },
  'folder-changed': {
    happened:
      'Another program has backed up into this folder while a backup of ours waited to be put in place.',
    next: 'Ours was set aside in .rootcellar. Verify the folder, then run the backup again with --full.',
  },
  'folder-is-a-backup': {
    happened: 'This folder is a backup itself. A backup inside a backup would be lost sight of.',
    next: 'Name the folder that holds it.',
  },
  'data-folder-unwritable': {
    happened: 'The folder in which this program keeps its own state cannot be written.',
    next: 'Correct its permissions, or name another one with --data.',
    retry: 'after-action',
  },
  'backup-not-whole': {
    happened: 'The backup that was just made is not whole (findings: {findings}).',
    next: 'Run the backup again with --full. If it stays, please report it.',
    retry: 'after-action',
  },
  'vault-key-missing': {
    happened: 'The key of the vault of this iPhone is not where it was kept.',
    next: 'Take it from the recovery kit: rootcellar vault create UDID --storage LOCATION --adopt asks for it once, and keeps it. The whole line stands on the kit, and rootcellar vault list shows both words. Or set ROOTCELLAR_VAULT_PASSWORD to it.',
    retry: 'after-action',
  },
  'vault-key-unreadable': {
    happened: 'The key of the vault of this iPhone is where it was kept, but cannot be read.',
    next: 'Look at the file in the folder "keys" of the data folder: correct its permissions, or move it to a safe place. Then try again.',
    retry: 'after-action',
  },
  'key-store-locked': {
    happened:
      'The key store of this computer is locked, and what opens the vault lies in it. The backups are whole.',
    next: 'Unlock it: sign in at the screen of this computer, or open the program that shows its passwords. Then try again. Or set ROOTCELLAR_VAULT_PASSWORD to the key that stands on the recovery kit.',
    retry: 'after-action',
  },
  'key-store-out-of-reach': {
    happened:
      'What opens the vault lies in the key store of the operating system, and none answers here. The backups are whole.',
    next: 'Run this as the person who set it up, while they are signed in on that computer. Or set ROOTCELLAR_VAULT_PASSWORD to the key that stands on the recovery kit. On another computer: rootcellar vault create UDID --storage LOCATION --adopt.',
    retry: 'after-action',
  },
  'key-store-lost': {
    happened:
      'What opens the vault is not in the key store of this computer any more. The backups are whole.',
    next: 'Take the key from the recovery kit: rootcellar vault create UDID --storage LOCATION --adopt asks for it and keeps it, or set ROOTCELLAR_VAULT_PASSWORD to it. What signs in at a server is asked for anew.',
    retry: 'after-action',
  },
  'key-store-failed': {
    happened: 'The key store of this computer did not do what it was asked.',
    next: 'Try again. If it stays, ROOTCELLAR_KEY_STORE=file keeps new keys in files that only you can read.',
    retry: 'after-action',
  },
  'key-store-missing': {
    happened: 'There is no key store of the operating system here that could be used.',
    next: 'On Linux it needs secret-tool (libsecret-tools) and somebody who is signed in at the screen. Or keep keys in files that only you can read: ROOTCELLAR_KEY_STORE=file.',
    retry: 'after-action',
  },
  'key-store-note-damaged': {
    happened:
      'The note that a key lies in the key store of this computer cannot be read. The backups are whole.',
    next: 'Move the file UDID.in-key-store out of the folder "keys" of the data folder, and take the key from the recovery kit: set ROOTCELLAR_VAULT_PASSWORD to it.',
    retry: 'after-action',
  },
  'key-store-word-unknown': {
    happened: 'ROOTCELLAR_KEY_STORE says something that is not understood.',
    next: 'Set it to system or to file, or leave it away.',
  },
  'location-invalid': {
    happened: 'This is no place where a vault can lie.',
    next: 'Write a folder, rest:http://NAME@HOST:PORT/PATH/ or s3:https://HOST/BUCKET/PATH.',
  },
  'location-holds-password': {
    happened: 'There is a password in the location of the vault, where others on this computer can read it.',
    next: 'Leave it out. Set RESTIC_REST_PASSWORD (for S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or wait to be asked. If others use this computer, change it.',
  },
  'location-file-damaged': {
    happened: 'The note that says where the vault of this iPhone lies cannot be read.',
    next: 'Say it again: rootcellar vault create UDID --storage LOCATION --adopt. Both stand on the recovery kit.',
    retry: 'after-action',
  },
  'location-file-newer': {
    happened: 'A newer version of this program wrote down where the vault of this iPhone lies.',
    next: 'Install the newest version of this program, then try again.',
    retry: 'after-action',
  },
  'sign-in-missing': {
    happened: 'The place where the vault lies wants a password, and none is known.',
    next: 'For a REST server set RESTIC_REST_PASSWORD (and RESTIC_REST_USERNAME), for S3 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    retry: 'after-action',
  },
  'sign-in-damaged': {
    happened: 'What was saved to sign in where the vault lies cannot be read.',
    next: 'Delete the file UDID.storage.json or UDID.storage.json.in-key-store in the folder "keys" of the data folder, and sign in anew.',
    retry: 'after-action',
  },
  'vault-exists': {
    happened: 'This iPhone has a vault already, and it has one only.',
    next: 'See where it lies: rootcellar vault list. To move it, copy it to the new place first, then create it there with --adopt.',
  },
  'vault-away': {
    happened: 'The vault of this iPhone is not at {place}, where it was last time. No other was begun.',
    next: 'Connect its disk. If you moved it: rootcellar vault create {udid} --storage NEWPLACE --adopt. If it is gone for good, begin a new one: rootcellar vault create {udid} --storage {quotedPlace} --anew.',
    retry: 'after-action',
  },
  'vault-not-the-same': {
    happened: 'Another vault lies where the vault of this iPhone was. Nothing was written to it.',
    next: 'Connect the right disk, or look for the right folder on the server. If the vault has moved: rootcellar vault create UDID --storage LOCATION --adopt.',
    retry: 'after-action',
  },
  'vault-of-another': {
    happened: 'The vault at this place holds backups of another iPhone.',
    next: 'Choose another place, such as another folder there: each iPhone has a vault of its own.',
  },
  'key-not-confirmed': {
    happened: 'The key was not removed, because nobody confirmed it.',
    next: 'Whoever has only that key can then not open the vault any more. If that is meant, spell out its id: --yes ID',
  },
  'phone-not-named': {
    happened: 'It is not known whose vault this is.',
    next: 'Name the iPhone by its UDID: it stands on the recovery kit, and rootcellar devices shows it.',
  },
  'snapshot-ambiguous': {
    happened: 'There are {count} that this could mean, and you did not say which.',
    next: 'Name a backup by its id, as rootcellar backups shows it; a vault, or the newest backup of an iPhone, by the UDID.',
  },
  'snapshot-unknown': {
    happened: 'There is no backup of that name, neither in a vault nor as a folder.',
    next: 'Look at the list: rootcellar backups',
  },
  'newest-missed': {
    happened:
      'The backup of {takenAt} UTC, then the newest of this iPhone, is not in its vault any more, and was not deleted by this computer.',
    next: 'If an older copy of the vault lies in its place, bring back the newer one. Else look for it: rootcellar vault repair {udid} --salvage. If it is gone for good, or was deleted elsewhere: rootcellar vault accept {udid}. To take another backup, name its id: rootcellar backups.',
    retry: 'after-action',
  },
  'newest-unproved': {
    happened:
      'The backup of {takenAt} UTC, the newest of this iPhone, was found again, and nobody knows yet whether it is whole.',
    next: 'See whether it is: rootcellar verify {id}. To take another backup, name its id: rootcellar backups.',
    retry: 'after-action',
  },
  'snapshot-archived': {
    happened: 'This backup is archived: it is kept for good.',
    next: 'If it is to go, take it out of the archive first: rootcellar archive {id} --off',
  },
  'snapshot-in-use': {
    happened: 'A backup that waits to be stored is built on this one.',
    next: 'Run the backup again: it completes that first. Then delete this one.',
    retry: 'after-action',
  },
  'udid-invalid': {
    happened: 'The backup names its iPhone in a way that no iPhone is named.',
    next: 'Do not trust where it came from.',
  },
  'vault-unknown': {
    happened: 'There is no vault for that iPhone here.',
    next: 'A vault is made by the first backup. If it lies elsewhere, name the folder with --data.',
  },
  'import-not-whole': {
    happened: 'This backup is not whole (findings: {findings}).',
    next: 'Verify it: rootcellar verify FOLDER names what is wrong. It stays where it is.',
  },
  'import-not-finished': {
    happened: 'This backup was never finished, so it is no backup to keep.',
    next: 'Finish it with the program that made it, or choose another.',
  },
  'export-exists': {
    happened: 'There is a folder of that name already, and it is not replaced.',
    next: 'Choose another folder, or move that one away.',
    retry: 'after-action',
  },
  'stored-part-damaged': {
    happened:
      'A whole backup waits to be stored, and cannot be: something that it shares with earlier ones is damaged in the vault.',
    next: 'Let the iPhone send everything again (rootcellar backup --full). What is whole in the vault is kept first.',
    retry: 'after-action',
  },
  'stored-part-lost': {
    happened:
      'A part of the last backup was stored already, or built on an earlier one, and somebody has deleted that from the vault.',
    next: 'Earlier backups are as they were. Run the backup again: it begins anew.',
    retry: 'after-action',
  },
  'password-empty': {
    happened: 'An empty password would protect nothing.',
    next: 'Choose another one.',
  },
  'password-not-changed': {
    happened: 'The backup did not open with the new password, so the old one was kept.',
    next: 'Check the disk, then try again. If it stays, please report it.',
  },
  'restore-blocked': {
    happened: 'This backup cannot be restored to this iPhone now ({rules}).',
    next: 'Do what the plan says for each reason, then try again.',
    retry: 'after-action',
  },
  'already-encrypted': {
    happened: 'Backups of this iPhone have a password already.',
    next: 'To give them another one: rootcellar encryption change.',
  },
  'not-encrypted': {
    happened: 'Backups of this iPhone have no password.',
    next: 'To give them one: rootcellar encryption on.',
  },
  'encryption-required': {
    happened: 'The organisation that manages this iPhone allows backups with a password only.',
    next: 'Keep the password, or ask the administrator. It can be changed: rootcellar encryption change.',
  },
  'cable-needed': {
    happened: 'The iPhone is connected over Wi-Fi, and this was never shown to work without a cable.',
    next: 'Connect the iPhone with a cable, then try again.',
    retry: 'after-action',
  },
  'password-change-unseen': {
    happened: 'The iPhone says that it has changed the password of its backups, but does not show it.',
    next: 'Ask it again in a minute: rootcellar encryption status.',
    retry: 'after-action',
  },
  'zip-entry-too-large': {
    happened: 'A file is larger than the backup says, and too large for this zip.',
    next: 'Download it by itself, or use rootcellar extract.',
  },
  'restart-not-seen': {
    happened: 'The iPhone took everything, but did not come back after its restart within {minutes} minutes.',
    next: 'Look at the iPhone. If it shows Hello or its home screen, the restore is complete.',
  },
  'maybe-restored': {
    happened: 'The connection ended when all was sent, before the iPhone could say that it is done.',
    next: 'Look at the iPhone. If it restarts by itself, the restore is complete; otherwise run it again.',
  },
});
