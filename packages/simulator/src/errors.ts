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
    happened: 'The simulated iPhone is full ({freeBytes} free, {neededBytes} needed).',
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
    happened: 'The computer announced a message of {messageBytes}, more than the {bytesMax} allowed.',
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

/** What the wire and the state of simulated phones refuse. */
export const simulatorError = defineErrors('simulator', {
  'frame-size-invalid': {
    happened: 'A program sent a message of {frameBytes}, which the simulated iPhone does not accept.',
    next: 'Check that the program speaks to the right port.',
  },
  'frame-cut-short': {
    happened: 'A program closed the connection in the middle of a message to the simulated iPhone.',
    next: 'Look at what that program reports; the simulated iPhone is ready for the next connection.',
    retry: 'now',
  },
  'certificate-refused': {
    happened: 'A program proved to be another computer than the one the simulated iPhone trusts.',
    next: 'Pair that program again.',
  },
  'tls-failed': {
    happened: 'The encrypted connection to the simulated iPhone could not be opened.',
    next: 'Pair again; the program may use an older pairing.',
    retry: 'now',
  },
  'model-unknown': {
    happened: 'There is no simulated device of this model.',
    next: 'Use one of these: {models}.',
  },
  'system-unknown': {
    happened: 'This system version cannot be simulated.',
    next: 'Use a version from {oldest} to {newest}, for example 26.1.',
  },
  'fault-unknown': {
    happened: 'There is no fault of this name that a simulated iPhone could have.',
    next: 'Use one of these: {faults}.',
  },
  'fault-parameter-invalid': {
    happened: 'The fault {fault} has no parameter {parameter} with this value.',
    next: 'Ask the control address for /faults: it lists every parameter with its limits.',
  },
  'too-many-faults': {
    happened: 'A simulated iPhone can have at most {faultsMax} faults at once.',
    next: 'Disarm some of them first.',
  },
  'system-impossible': {
    happened: 'The model {model} never ran this system version.',
    next: 'Use a version from {oldest} to {newest} for it, or another model.',
  },
  'profile-unknown': {
    happened: 'There is no content of this name for a simulated iPhone.',
    next: 'Use one of these: {profiles}.',
  },
  'trace-unreadable': {
    happened: 'The file is no trace that this program can replay (line {line}).',
    next: 'Use a file that `rootcellar doctor --record` wrote, unchanged.',
  },
  'socket-in-use': {
    happened: 'Another program already listens at the place chosen for the simulated iPhone.',
    next: 'Stop that program, or choose another socket or port.',
    retry: 'after-action',
  },
  'state-unreadable': {
    happened: 'The saved state of a simulated iPhone cannot be read.',
    next: 'Start with another state folder; the unreadable one is left as it is.',
  },
  'state-newer': {
    happened: 'The saved state of a simulated iPhone was written by a newer version ({version}).',
    next: 'Update Rootcellar, or start with another state folder.',
  },
});
