import { defineErrors } from '@rootcellar/core';

const CHECK_VAULT = 'Check the vault. If there is a copy of it, bring back the damaged part from there.';

export const vaultError = defineErrors('vault', {
  'sealed-damaged': {
    happened: 'Stored bytes of the vault are damaged, or were sealed with another key.',
    next: CHECK_VAULT,
  },
  'compressed-damaged': {
    happened: 'Compressed bytes of the vault cannot be read ({compressedBytes}).',
    next: CHECK_VAULT,
  },
  'compressed-too-large': {
    happened: 'Compressed bytes of the vault would become more than they should ({maxBytes}).',
    next: CHECK_VAULT,
  },
  'polynomial-invalid': {
    happened: 'The vault names no usable polynomial, which decides where its chunks end.',
    next: CHECK_VAULT,
  },
});
