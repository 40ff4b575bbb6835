import { defineErrors } from '@rootcellar/core';

const CHECK_VAULT =
  'Check the vault: rootcellar vault check --read-data says what is damaged, and what helps. If there is a copy of it, bring back the damaged part from there.';

export const vaultError = defineErrors('vault', {
  'sealed-damaged': {
    happened: 'Stored bytes of the vault are damaged, or were sealed with another key.',
    next: CHECK_VAULT,
    damage: true,
  },
  'compressed-damaged': {
    happened: 'Compressed bytes of the vault cannot be read ({compressedBytes}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'compressed-too-large': {
    happened: 'Compressed bytes of the vault would become more than they should ({maxBytes}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'cipher-content-differs': {
    happened: 'A decrypted file of the vault is not the one that its note on encryption belongs to.',
    next: CHECK_VAULT,
    damage: true,
  },
  'cipher-content-short': {
    happened: 'A decrypted file of the vault ends too early ({missingBytes} are missing).',
    next: CHECK_VAULT,
    damage: true,
  },
  'cipher-errs': {
    happened: 'A file that was decrypted did not become the same again when it was encrypted.',
    next: 'Try again. If it happens once more, have the memory of this computer checked.',
    retry: 'now',
  },
  'cipher-list-damaged': {
    happened: 'The list that says how to encrypt the files of a backup again is damaged (line {line}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'cipher-list-newer': {
    happened: 'A newer version of this program wrote how to encrypt the files of a backup again ({version}).',
    next: 'Install the newest version of this program, then try again.',
    retry: 'after-action',
  },
  'polynomial-invalid': {
    happened: 'The vault names no usable polynomial, which decides where its chunks end.',
    next: CHECK_VAULT,
    damage: true,
  },
  'not-there': {
    happened: 'There is no vault at {place}.',
    next: 'Check the place: is its disk connected, is it the right server? To begin a new vault there, create it first.',
  },
  'config-missing': {
    happened: 'The vault at {place} is damaged: its file "config" is gone. Nothing new is begun there.',
    next: 'Bring back the file "config" from a copy of the vault; nobody can make it again. Until then leave the rest as it is. If there is no copy: move the vault away, and the next backup says how to begin a new one.',
    damage: true,
  },
  'there-already': {
    happened: 'There is a vault at this place already.',
    next: 'To go on with it, say --adopt; its key is needed then. Or choose another place.',
  },
  'version-unknown': {
    happened: 'The vault has format version {version}, which this program does not know.',
    next: 'Use a newer version of this program, or a newer restic.',
  },
  'config-damaged': {
    happened: 'The configuration of the vault is damaged.',
    next: 'Bring back the file "config" from a copy of the vault.',
    damage: true,
  },
  'password-wrong': {
    happened: 'This is not a password of the vault.',
    next: 'Try again, or use the recovery kit of the vault.',
    retry: 'after-action',
  },
  'keys-missing': {
    happened:
      'The vault has no keys any more: its folder "keys" is empty. A password alone does not open it.',
    next: 'Bring back the folder "keys" from a copy of the vault, also an old one: what is in it opens the vault with its password of then. Without such a copy nobody can open it any more: move it away, and the next backup says how to begin a new one.',
    damage: true,
  },
  'key-file-damaged': {
    happened: 'A key file of the vault is damaged ({reason}).',
    next: 'Bring back the folder "keys" from a copy of the vault, or use another password of it.',
    damage: true,
  },
  'key-file-too-costly': {
    happened: 'A key file of the vault asks for more work than we do to open a vault.',
    next: 'Do not trust where the vault came from. If it is yours, add a new password with restic.',
  },
  'key-in-use': {
    happened: 'The key that the vault was opened with cannot be removed.',
    next: 'Open the vault with another password, then remove it.',
  },
  'key-unknown': {
    happened: 'The vault has no such key.',
    next: 'List the keys of the vault, then try again.',
  },
  'record-damaged': {
    happened: 'A record of the vault ({folder}) is damaged.',
    next: CHECK_VAULT,
    damage: true,
  },
  'index-damaged': {
    happened:
      'The index of the vault, which says where everything lies, is damaged. What it names may be whole.',
    next: 'Let it be made anew from what is there: rootcellar vault repair. No backup is deleted.',
    retry: 'after-action',
    damage: true,
  },
  'record-too-large': {
    happened: 'A record of the vault ({folder}) is larger than we accept ({sizeBytes}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'pack-damaged': {
    happened: 'A pack of the vault is damaged ({reason}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'blob-missing': {
    happened: 'A part of a stored file is in no pack of the vault that is known.',
    next: 'Check the vault: rootcellar vault check. If its index is incomplete: rootcellar vault repair.',
    damage: true,
  },
  'blob-damaged': {
    happened: 'A part of a stored file does not have the content that was stored.',
    next: CHECK_VAULT,
    damage: true,
  },
  'tree-damaged': {
    happened: 'A folder of a snapshot cannot be read ({reason}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'snapshot-unknown': {
    happened: 'The vault has no such snapshot.',
    next: 'List the snapshots of the vault, then try again.',
  },
  locked: {
    happened:
      'Another program is working with the vault: process {pid} on {host}, since {since} UTC or longer.',
    next: 'Wait until it has finished, then try again. A program that died keeps others out for 30 minutes at most.',
    retry: 'now',
  },
  'lock-lost': {
    happened: 'The lock of the vault was lost during the work: it could not be renewed, or was removed.',
    next: 'Check that no other program cleans up the vault, then try again.',
    retry: 'now',
  },
  'file-changed': {
    happened: 'A file changed while it was being stored.',
    next: 'Try again when no other program works with the folder.',
    retry: 'now',
  },
  closed: {
    happened: 'The vault was closed while it was in use.',
    next: 'This is a mistake in this program. Please report it.',
  },
});

export const storageError = defineErrors('storage', {
  'not-found': {
    happened: 'A file of the vault is missing where it is stored.',
    next: CHECK_VAULT,
    damage: true,
  },
  exists: {
    happened: 'There is a vault at this place already.',
    next: 'Open it, or choose another place.',
  },
  'name-invalid': {
    happened: 'A file of the vault has a name that no vault uses.',
    next: 'This is a mistake in this program. Please report it.',
  },
  'cut-short': {
    happened: 'A file of the vault is shorter than it should be ({receivedBytes} of {expectedBytes}).',
    next: CHECK_VAULT,
    damage: true,
  },
  'too-large': {
    happened: 'A file of the vault is larger than we accept.',
    next: 'Do not trust the place where the vault is stored. Check the vault.',
    damage: true,
  },
  full: {
    happened: 'There is no space left where the vault is stored.',
    next: 'Free some space there, or raise the quota, then run it again.',
    retry: 'after-action',
  },
  'not-permitted': {
    happened: 'The place where the vault is stored does not allow this.',
    next: 'Check that you may write and delete there. A server that lets nobody delete, on purpose, always refuses that.',
    retry: 'after-action',
  },
  'not-signed-in': {
    happened: 'The place where the vault is stored does not accept our name and password.',
    next: 'Check them. A REST server takes them from RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD, S3 from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    retry: 'after-action',
  },
  'not-a-vault': {
    happened: 'Something else stands where the vault should be stored.',
    next: 'Choose another place.',
  },
  'not-reached': {
    happened: 'The place where the vault is stored cannot be reached.',
    next: 'Check the network and the address, then try again.',
    retry: 'now',
  },
  'certificate-invalid': {
    happened: 'The place where the vault is stored cannot prove that it is the one we look for.',
    next: 'Check the address. If it has a certificate of your own, give it to this program.',
    retry: 'after-action',
  },
  'place-missing': {
    happened: 'The bucket in which the vault should be stored does not exist.',
    next: 'Check its name, or create it first.',
  },
  'clock-differs': {
    happened: 'The clock of this computer differs from that of the place where the vault is stored.',
    next: 'Set the clock of this computer, then try again.',
    retry: 'after-action',
  },
  'address-invalid': {
    happened: 'This is not an address where a vault can be stored.',
    next: 'Check how it is written.',
  },
  'timed-out': {
    happened: 'The place where the vault is stored did not answer within {timeoutMs} ms.',
    next: 'Check the network, then try again.',
    retry: 'now',
  },
  busy: {
    happened: 'The place where the vault is stored cannot answer now (status {status}).',
    next: 'Try again later.',
    retry: 'now',
  },
  'unknown-answer': {
    happened:
      'The place where the vault is stored gave an answer that we do not understand (status {status}).',
    next: 'Check the address: it may not be a storage of this kind.',
  },
  'input-output': {
    happened: 'The disk on which the vault is stored could not be read or written.',
    next: 'Check the disk and its cable, then try again.',
    retry: 'after-action',
    damage: true,
  },
});
