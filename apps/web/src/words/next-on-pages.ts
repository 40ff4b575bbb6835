/*
 * What to do next after errors whose own words name a command of the terminal: who reads them here has a page with buttons.
 */

const ASK = 'Ask it to trust this computer';

/** In English; the German sentences are of the pages anyway. */
export const NEXT_ON_PAGES: Readonly<Record<string, string>> = {
  'device.not-found': 'Connect it with a cable and unlock it. The list on the left shows what is connected.',
  'device.several-connected': 'Choose one in the list on the left.',
  'lockdown.not-trusted': `${ASK}, then tap Trust on the iPhone and enter its passcode.`,
  'lockdown.wrong-device-key': `Check what is connected. If the iPhone was erased: ${ASK}.`,
  'lockdown.secure-connection-failed': `If it was erased or its privacy settings were reset: ${ASK}.`,
};
