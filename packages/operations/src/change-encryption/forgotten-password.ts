/**
 * What can be done when nobody knows the password any more, and what cannot.
 * Source: Apple support, "If you can't remember the password for your encrypted backup".
 */
export const FORGOTTEN_PASSWORD =
  'If nobody knows the password: backups made with it stay closed, and no program can open them. Future ones can do ' +
  'without: on the iPhone, Settings, General, Transfer or Reset, Reset All Settings (iOS 11 and later; your data stays).';
