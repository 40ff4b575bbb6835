import { defineErrors } from '@rootcellar/core';

export const libraryError = defineErrors('library', {
  'backup-unknown': {
    happened: 'There is no such backup here, or no longer.',
    next: 'Look at the list of backups again.',
  },
  unfinished: {
    happened: 'This backup was never finished, so it cannot be opened.',
    next: 'Run the backup again, and open it when it is finished. Or choose a finished one.',
  },
  archived: {
    happened: 'This backup is archived: it is kept for good.',
    next: 'If it is to go, take it out of the archive first.',
  },
});
