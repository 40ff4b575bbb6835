import { defineErrors } from '@rootcellar/core';

export const hubError = defineErrors('hub', {
  'foreign-host': {
    happened: 'The request was meant for another address than that of this hub.',
    next: 'Open the address that the terminal shows.',
  },
  'foreign-origin': {
    happened: 'The request came from a page that is not of this hub.',
    next: 'Open the address that the terminal shows, and do it there.',
  },
  'header-missing': {
    happened: 'A request that changes something came without the header that says it is meant ({header}).',
    next: 'Programs send it with every such request; pages of this hub do so by themselves.',
  },
  'not-signed-in': {
    happened: 'Nobody is signed in here.',
    next: 'Sign in with the link from the terminal, or with name and password.',
    retry: 'after-action',
  },
  'link-used': {
    happened: 'This link was used already, or belongs to an earlier start.',
    next: 'The terminal in which the hub was started shows the link of now, or says in which file it stands.',
  },
  'link-elsewhere': {
    happened: 'The link that signs in once works only in a browser on the computer on which the hub runs.',
    next: 'Sign in with name and password. Whoever runs the hub sets them there, in Settings.',
    retry: 'after-action',
  },
  'sign-in-wrong': {
    happened: 'Name or password is wrong.',
    next: 'Try again; capitals count in the password.',
    retry: 'now',
  },
  'too-many-attempts': {
    happened: 'There were too many wrong attempts.',
    next: 'Wait {waitSeconds} seconds, then try again.',
    retry: 'after-action',
  },
  'name-taken': {
    happened: 'Somebody of this name has an account already.',
    next: 'Choose another name.',
  },
  'operator-only': {
    happened: 'Only the operator of this hub may do this.',
    next: 'Ask whoever started it.',
  },
  'not-found': {
    happened: 'There is nothing at this address.',
    next: 'Go back to the start page.',
  },
  'request-invalid': {
    happened: 'The request is not as the API describes it ({where}).',
    next: 'Compare it with /api/openapi.json.',
  },
  'request-too-large': {
    happened: 'The request is larger than any that is meant.',
    next: 'Send less at once.',
  },
  'device-unknown': {
    happened: 'There is no such iPhone here.',
    next: 'Connect it with its cable, then look at the list again.',
    retry: 'after-action',
  },
  'device-not-connected': {
    happened: 'The iPhone is not connected.',
    next: 'Connect it with its cable, then try again.',
    retry: 'after-action',
  },
  'device-of-another': {
    happened: 'This iPhone, with its backups, belongs to another person.',
    next: 'Only they can do this.',
  },
  'device-working': {
    happened: 'This iPhone is busy: {kind}.',
    next: 'Wait until that is done, or cancel it.',
    retry: 'after-action',
  },
  'job-unknown': {
    happened: 'There is no such job.',
    next: 'Look at the list of jobs again.',
  },
  'plan-unknown': {
    happened:
      'What you agreed to was shown more than ten minutes ago, was done already, or was shown elsewhere.',
    next: 'Look at the plan again, then go on.',
    retry: 'after-action',
  },
  'plan-changed': {
    happened: 'Something has changed since the plan was shown ({differences}).',
    next: 'Look at the plan again: it may mean something else now.',
    retry: 'after-action',
  },
  'browse-closed': {
    happened: 'This backup is no longer open.',
    next: 'Open it again.',
    retry: 'after-action',
  },
  'file-unknown': {
    happened: 'There is no such file in this backup.',
    next: 'Look at the list again.',
  },
  'selection-unknown': {
    happened: 'These files are no longer chosen.',
    next: 'Choose them again.',
  },
  'selection-too-large': {
    happened: 'More files were chosen than can be downloaded at once ({filesMax}).',
    next: 'Choose fewer, or use rootcellar extract.',
  },
  'not-a-picture': {
    happened: 'This file is no picture that browsers show, or too large to be shown.',
    next: 'Download it instead.',
  },
  'too-many-listeners': {
    happened: 'More pages listen to this hub than it has ears for.',
    next: 'Close some of them.',
    retry: 'after-action',
  },
  'store-newer': {
    happened: 'The records of this hub were written by a newer Rootcellar.',
    next: 'Start that one, or name another folder with --data.',
  },
  'store-unreadable': {
    happened: 'The records of this hub cannot be opened.',
    next: 'Check the folder and its disk, or the address of the database.',
  },
  'port-in-use': {
    happened: 'Another program uses this port ({port}).',
    next: 'Stop it, or choose another with --port.',
  },
  'address-unknown': {
    happened: 'This computer has no such address, or none that may be served.',
    next: 'Choose another with --host: 127.0.0.1 for this computer alone, 0.0.0.0 for all its addresses.',
  },
  'tls-needed': {
    happened: 'Without https, others on the network could read along.',
    next: 'Give --tls-cert and --tls-key, or say --insecure-http if something else protects the way here.',
  },
  'certificate-unusable': {
    happened: 'The certificate or its key cannot be read, or they do not belong together.',
    next: 'Both must be PEM files that you may read; the key must be without a password.',
  },
  'simulator-silent': {
    happened: 'The simulated iPhones do not answer.',
    next: 'Start the hub again.',
  },
  bug: {
    happened: 'This is a mistake in Rootcellar.',
    next: 'Please report it with the lines in the terminal.',
  },
});
