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
  'cipher-content-differs': {
    happened: 'A decrypted file of the vault is not the one that its note on encryption belongs to.',
    next: CHECK_VAULT,
  },
  'cipher-content-short': {
    happened: 'A decrypted file of the vault ends too early ({missingBytes} are missing).',
    next: CHECK_VAULT,
  },
  'cipher-list-damaged': {
    happened: 'The list that says how to encrypt the files of a backup again is damaged (line {line}).',
    next: CHECK_VAULT,
  },
  'cipher-list-newer': {
    happened: 'A newer version of this program wrote how to encrypt the files of a backup again ({version}).',
    next: 'Install the newest version of this program, then try again.',
    retry: 'after-action',
  },
  'polynomial-invalid': {
    happened: 'The vault names no usable polynomial, which decides where its chunks end.',
    next: CHECK_VAULT,
  },
});
