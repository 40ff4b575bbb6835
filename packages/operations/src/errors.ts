import { defineErrors } from '@rootcellar/core';

export const operationError = defineErrors('operation', {
  'device-busy': {
    happened: 'Another rootcellar is working with this iPhone ({operation}).',
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
      'There is not enough free space for the backup: {freeBytes} bytes are free, {neededBytes} are needed.',
    next: 'Free some space or choose another disk, then run it again.',
    retry: 'after-action',
  },
  'backup-not-whole': {
    happened: 'The backup that was just made is not whole ({findings} findings).',
    next: 'Run the backup again with --full. If it stays, please report it.',
    retry: 'after-action',
  },
  'restore-blocked': {
    happened: 'This backup cannot be restored to this iPhone now ({rules}).',
    next: 'See the plan: rootcellar restore … --plan. It says what to do for each reason.',
    retry: 'after-action',
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
