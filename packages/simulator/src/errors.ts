import { defineErrors } from '@rootcellar/core';

export const simulatorError = defineErrors('simulator', {
  'frame-size-invalid': {
    happened: 'A program sent a message of {frameBytes} bytes, which the simulated iPhone does not accept.',
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
