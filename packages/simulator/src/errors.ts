import { defineErrors } from '@rootcellar/core';

/** What the simulated phone's disk refuses. */
export const phoneFilesError = defineErrors('phone-files', {
  'path-unsafe': {
    happened: 'A path on the simulated iPhone is not allowed ({reason}).',
    next: 'Use an absolute path without empty or dot segments.',
  },
  'not-found': {
    happened: 'There is nothing at this path on the simulated iPhone.',
    next: 'Check the path; names are case-sensitive and accents are compared as written.',
  },
  'not-a-folder': {
    happened: 'A file or link stands where a folder is needed on the simulated iPhone.',
    next: 'Remove it first, or choose another path.',
  },
  'is-a-folder': {
    happened: 'A folder stands where a file is needed on the simulated iPhone.',
    next: 'Remove the folder first, or choose another path.',
  },
  'into-itself': {
    happened: 'A folder of the simulated iPhone cannot be moved into itself.',
    next: 'Choose another destination.',
  },
  full: {
    happened: 'The simulated iPhone is full ({freeBytes} bytes free, {neededBytes} needed).',
    next: 'Remove something from it, or start it with more capacity.',
    retry: 'after-action',
  },
  'state-damaged': {
    happened: 'The saved state of the simulated iPhone cannot be read ({reason}).',
    next: 'Start with another state folder; nothing of a real iPhone is affected.',
  },
});

/** How a conversation with a host goes wrong without the phone having an answer for it. */
export const backupAgentError = defineErrors('backup-agent', {
  'host-left': {
    happened: 'The computer ended the backup session.',
    next: 'Start it again from the computer.',
    retry: 'now',
  },
  'host-vanished': {
    happened: 'The connection to the computer broke off in the middle of a backup session.',
    next: 'Connect again and start the session again from the computer.',
    retry: 'now',
  },
  'message-too-large': {
    happened: 'The computer announced a message of {messageBytes} bytes, more than the {bytesMax} allowed.',
    next: 'This is a fault of the program on the computer; please report it there.',
  },
  'message-not-understood': {
    happened: 'The computer sent a message that does not follow the protocol ({reason}).',
    next: 'This is a fault of the program on the computer; please report it there.',
  },
  'no-common-version': {
    happened: 'The computer speaks another version of the backup protocol.',
    next: 'Update the program on the computer.',
  },
});
