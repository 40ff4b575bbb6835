import { defineErrors } from '@rootcellar/core';

const REPORT = 'Please report this; nothing on the iPhone was changed by it.';

export const usbmuxError = defineErrors('usbmux', {
  'not-running': {
    happened: 'The service that finds iPhones on USB is not running.',
    next: 'On Linux install and start usbmuxd; on Windows install Apple Devices or iTunes; on a Mac restart. If USBMUXD_SOCKET_ADDRESS is set, check it.',
    retry: 'after-action',
  },
  'not-permitted': {
    happened: 'The service that finds iPhones on USB does not let you in.',
    next: 'Add yourself to the group that may use its socket (often "usbmux" or "plugdev"), then sign in again.',
    retry: 'after-action',
  },
  'address-invalid': {
    happened: 'USBMUXD_SOCKET_ADDRESS is not an address we understand.',
    next: 'Use UNIX:/path/to/socket or host:port, or unset it.',
  },
  'frame-cut-short': {
    happened: 'The USB connection closed in the middle of a message.',
    next: 'Check the cable, then try again.',
    retry: 'now',
  },
  'frame-size-invalid': {
    happened: 'The USB service sent a message of an impossible size ({frameBytes}).',
    next: 'Restart the USB service (usbmuxd), then try again.',
    retry: 'after-action',
  },
  'device-gone': {
    happened: 'The iPhone is no longer connected.',
    next: 'Plug it in again, unlock it, then try again.',
    retry: 'after-action',
  },
  'port-refused': {
    happened: 'The iPhone refused the connection.',
    next: 'It may still be starting, or locked since it was plugged in. Unlock it, wait a moment, try again.',
    retry: 'after-action',
  },
  'unknown-answer': {
    happened: 'The USB service gave an answer we do not know ({answer}).',
    next: REPORT,
  },
});

export const deviceError = defineErrors('device', {
  'none-connected': {
    happened: 'No iPhone or iPad is connected.',
    next: 'Connect it with a cable and unlock it.',
    retry: 'after-action',
  },
  'not-found': {
    happened: 'The iPhone you named is not connected.',
    next: 'Run `rootcellar devices` to see what is connected.',
    retry: 'after-action',
  },
  'several-connected': {
    happened: '{count} devices are connected, and you did not say which.',
    next: 'Name one: its UDID, the beginning of it, or its name. `rootcellar devices` lists them.',
  },
});

export const plistStreamError = defineErrors('plist-stream', {
  'size-invalid': {
    happened: 'The iPhone sent a message of an impossible size ({messageBytes}).',
    next: 'Plug it in again, then try again.',
    retry: 'now',
  },
});

export const lockdownError = defineErrors('lockdown', {
  'not-lockdown': {
    happened: 'The iPhone is not in its normal mode.',
    next: 'If it shows a cable or a progress bar, let it finish or restart it.',
    retry: 'after-action',
  },
  'not-trusted': {
    happened: 'The iPhone does not trust this computer, or no longer does.',
    next: 'Run `rootcellar pair`, then tap Trust on the iPhone and enter its passcode.',
    retry: 'after-action',
  },
  'trust-pending': {
    happened: 'The iPhone is asking whether to trust this computer, and nobody answered in time.',
    next: 'Unlock the iPhone, tap Trust, enter its passcode; then try again.',
    retry: 'after-action',
  },
  'trust-denied': {
    happened: 'Trust was declined on the iPhone.',
    next: 'Unplug the iPhone, plug it in again, and tap Trust this time.',
    retry: 'after-action',
  },
  locked: {
    happened: 'The iPhone is locked.',
    next: 'Unlock it with its passcode, then try again.',
    retry: 'after-action',
  },
  'never-unlocked': {
    happened: 'The iPhone has not been unlocked since it was switched on.',
    next: 'Unlock it once with its passcode, then try again.',
    retry: 'after-action',
  },
  'pairing-needs-cable': {
    happened: 'The iPhone pairs with a computer over a cable only.',
    next: 'Connect it with a cable once.',
    retry: 'after-action',
  },
  'pairing-prohibited': {
    happened: 'The organisation that manages this iPhone does not allow it to trust this computer.',
    next: 'Ask its administrator.',
  },
  'find-my-protected': {
    happened: 'The iPhone does not allow this while Find My is on.',
    next: 'Switch Find My off: Settings, your name, Find My. Then try again.',
    retry: 'after-action',
  },
  'pair-record-refused': {
    happened: 'The iPhone could not use the keys of this pairing ({answer}).',
    next: 'Restart the iPhone, then pair again.',
    retry: 'after-action',
  },
  'no-public-key': {
    happened: 'The iPhone did not give its public key.',
    next: 'Unlock it and plug it in again.',
    retry: 'now',
  },
  'wrong-device-key': {
    happened: 'Whoever answered is not the iPhone this computer was paired with.',
    next: 'Check what is connected. If the iPhone was erased, run `rootcellar pair` again.',
  },
  'secure-connection-failed': {
    happened: 'No secure connection to the iPhone could be made.',
    next: 'If it was erased or its privacy settings were reset, run `rootcellar pair` again.',
    retry: 'after-action',
  },
  'service-unknown': {
    happened: 'The iPhone does not offer this function.',
    next: 'Restart the iPhone, then try again.',
    retry: 'after-action',
  },
  'service-prohibited': {
    happened: 'The iPhone does not allow this function.',
    next: 'Lockdown Mode, restrictions or an organisation may block it. Check Settings on the iPhone.',
    retry: 'after-action',
  },
  'too-many-connections': {
    happened: 'The iPhone has too many connections open.',
    next: 'Close other programs that use it, or restart it; then try again.',
    retry: 'after-action',
  },
  'value-not-available': {
    happened: 'The iPhone does not tell this value.',
    next: 'Pair with the iPhone and unlock it, then try again.',
  },
  'session-lost': {
    happened: 'The iPhone ended the session.',
    next: 'Try again.',
    retry: 'now',
  },
  'unknown-answer': {
    happened: 'The iPhone gave an answer we do not know ({answer}).',
    next: REPORT,
  },
});
