import { defineErrors } from './errors/known-error.ts';

export const treeError = defineErrors('tree', {
  'path-unsafe': {
    happened: 'A file name points outside the folder it belongs to ({reason}).',
    next: 'Nothing was written there. If it came from an iPhone, please report it.',
    damage: true,
  },
  'not-found': {
    happened: 'A file that should be there is missing.',
    next: 'Check that no other program changes the folder, then try again.',
    damage: true,
  },
  'not-a-folder': {
    happened: 'A file stands where a folder is needed.',
    next: 'Move that file away, then try again.',
    damage: true,
  },
  'is-a-folder': {
    happened: 'A folder stands where a file is needed.',
    next: 'Move that folder away, then try again.',
    damage: true,
  },
  'disk-full': {
    happened: 'The disk is full.',
    next: 'Free some space or choose another disk, then run it again.',
    retry: 'after-action',
  },
  'not-permitted': {
    happened: 'The computer does not allow us to read or write there.',
    next: 'Choose a folder that belongs to you, or correct its permissions.',
    retry: 'after-action',
  },
  'read-only': {
    happened: 'This place can only be read.',
    next: 'Choose another folder to write to.',
  },
  'input-output': {
    happened: 'The disk could not be read or written.',
    next: 'Check the disk and its cable, then try again.',
    retry: 'after-action',
    damage: true,
  },
});

export const streamError = defineErrors('stream', {
  'cut-short': {
    happened: 'The connection closed in the middle of a message ({receivedBytes} of {expectedBytes}).',
    next: 'Check the cable, then try again.',
    retry: 'now',
  },
  closed: {
    happened: 'The connection was closed.',
    next: 'Check the cable, then try again.',
    retry: 'now',
  },
  'timed-out': {
    happened: 'The other side did not answer within {timeoutMs} ms ({waitingFor}).',
    next: 'Check the cable and unlock the iPhone, then try again.',
    retry: 'now',
  },
});
