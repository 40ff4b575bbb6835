import { defineErrors } from '@rootcellar/core';

export const serviceError = defineErrors('service', {
  'file-foreign': {
    happened:
      'There is a service of this name already that Rootcellar did not write, or that was changed by hand.',
    next: 'Move it away if it is not needed, then try again; --print shows what would be written, and where.',
    retry: 'after-action',
  },
  'system-unknown': {
    happened: 'Rootcellar knows no services of this system ({platform}).',
    next: 'Let `rootcellar start --no-open` be started by whatever starts programs there.',
  },
  'path-unwritable': {
    happened: 'A path has a character that the description of a service cannot hold.',
    next: 'Use a folder whose name has no line breaks.',
  },
});
