import { defineErrors } from '@rootcellar/core';

export const recoveryKitError = defineErrors('recovery-kit', {
  'file-exists': {
    happened:
      'Where the recovery kit would be written (your home folder, or what --to names) such a file lies already. It is not overwritten.',
    next: 'Print and delete the one that is there, or name another file with --to.',
    retry: 'after-action',
  },
  'file-unwritable': {
    happened: 'The recovery kit cannot be written there ({systemCode}).',
    next: 'Name a file with --to, in a folder that is there and that you may write.',
    retry: 'after-action',
  },
});
