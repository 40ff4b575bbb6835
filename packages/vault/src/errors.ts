import { defineErrors } from '@rootcellar/core';

export const vaultError = defineErrors('vault', {
  'sealed-damaged': {
    happened: 'Stored bytes of the vault are damaged, or were sealed with another key.',
    next: 'Check the vault. If there is a copy of it, bring back the damaged part from there.',
  },
});
