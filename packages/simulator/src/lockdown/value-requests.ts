import { asString, type PlistDict } from '@rootcellar/codecs';
import { isRefusal, type LockdownAnswer, refuse } from './lockdown-answer.ts';
import type { LockdownContext } from './lockdown-context.ts';

/**
 * What the domain without a name tells computers it does not trust.
 * Unknown: the exact set of a current phone. Source: device-protocols, section 3.2; observed, section 5.2.
 */
const READABLE_BY_ALL = [
  'BuildVersion',
  'DeviceClass',
  'DeviceName',
  'DevicePublicKey',
  'DieID',
  'HasSiDP',
  'PartitionType',
  'ProductName',
  'ProductType',
  'ProductVersion',
  'ProtocolVersion',
  'SupportedDeviceFamilies',
  'TimeIntervalSince1970',
  'TimeZone',
  'TimeZoneOffsetFromUTC',
  'UniqueChipID',
  'UniqueDeviceID',
  'Uses24HourClock',
  'WiFiAddress',
];

/** Read by iTunes before it pairs. Source: observed, section 5.4. */
const DOMAINS_READABLE_BY_ALL = ['com.apple.mobile.iTunes'];

/** `*` stands for every key of the domain. Unknown: the complete list of a phone. */
const SETTABLE: Readonly<Record<string, readonly string[]>> = {
  '': [
    'ActivationStateAcknowledged',
    'DeviceName',
    'TimeIntervalSince1970',
    'TimeZone',
    'TimeZoneOffsetFromUTC',
    'UntrustedHostBUID',
    'Uses24HourClock',
  ],
  'com.apple.iTunes': ['*'],
  'com.apple.international': ['Keyboard', 'Language', 'Locale'],
  'com.apple.mobile.data_sync': ['*'],
  'com.apple.mobile.iTunes': ['iTunesSetupComplete'],
  'com.apple.mobile.wireless_lockdown': ['EnableWifiConnections', 'EnableWifiDebugging'],
  'com.apple.purplebuddy': ['SetupDone', 'SetupState', 'SetupVersion'],
};

/** Announces itself before it is trusted. Source: usbmuxd, `src/preflight.c`. */
const SETTABLE_BY_ALL = 'UntrustedHostBUID';

const NAME_CHANGED = 'com.apple.mobile.lockdown.device_name_changed';

export function getValue(request: PlistDict, { phone, session }: LockdownContext): LockdownAnswer {
  const { domain, key } = readTarget(request);
  const echo = { Domain: asString(request['Domain']), Key: key };
  if (!session && !DOMAINS_READABLE_BY_ALL.includes(domain)) {
    if (domain !== '' || (key !== undefined && !READABLE_BY_ALL.includes(key)))
      return refuse('GetProhibited');
  }
  if (key !== undefined) {
    const value = phone.values.get(domain, key);
    return value === undefined ? refuse('MissingValue') : { ...echo, Value: value };
  }
  const values = phone.values.domain(domain);
  if (session || domain !== '') return { ...echo, Value: values };
  return { ...echo, Value: Object.fromEntries(READABLE_BY_ALL.map((name) => [name, values[name]])) };
}

export async function setValue(request: PlistDict, context: LockdownContext): Promise<LockdownAnswer> {
  const { domain, key } = readTarget(request);
  const value = request['Value'];
  if (key === undefined) return refuse('MissingKey');
  if (value === undefined) return refuse('MissingValue');
  const refusal = whyUnchangeable(domain, key, context, 'SetProhibited');
  if (isRefusal(refusal)) return refusal;

  const { phone } = context;
  phone.values.set(domain, key, value);
  await phone.save();
  if (domain === '' && key === 'DeviceName') phone.notifications.post(NAME_CHANGED);
  return { Domain: asString(request['Domain']), Key: key, Value: value };
}

export async function removeValue(request: PlistDict, context: LockdownContext): Promise<LockdownAnswer> {
  const { domain, key } = readTarget(request);
  if (key === undefined) return refuse('MissingKey');
  const refusal = whyUnchangeable(domain, key, context, 'RemoveProhibited');
  if (isRefusal(refusal)) return refusal;
  context.phone.values.remove(domain, key);
  await context.phone.save();
  return { Domain: asString(request['Domain']), Key: key };
}

function readTarget(request: PlistDict): { readonly domain: string; readonly key: string | undefined } {
  return { domain: asString(request['Domain']) ?? '', key: asString(request['Key']) };
}

/** @returns an empty answer if the value may be changed, otherwise `prohibited` or a more special refusal */
function whyUnchangeable(
  domain: string,
  key: string,
  { phone, session }: LockdownContext,
  prohibited: 'RemoveProhibited' | 'SetProhibited',
): LockdownAnswer {
  if (!session && !(domain === '' && key === SETTABLE_BY_ALL)) return refuse('SessionInactive');
  const keys = Object.hasOwn(SETTABLE, domain) ? (SETTABLE[domain] ?? []) : [];
  if (!keys.includes(key) && !keys.includes('*')) return refuse(prohibited);
  // Source: observed, section 5.4: Wi-Fi connections are refused while the phone is locked.
  const { locked, passcode } = phone.condition;
  const needsUnlocked = domain === 'com.apple.mobile.wireless_lockdown';
  return needsUnlocked && locked && passcode !== undefined ? refuse('PasswordProtected') : {};
}
