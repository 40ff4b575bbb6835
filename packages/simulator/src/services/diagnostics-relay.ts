import { asArray, asBoolean, asDict, asString, type PlistDict } from '@rootcellar/codecs';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** In mAh and charge cycles: a battery of this size that is two years old. */
const BATTERY = { designCapacity: 3200, nominalCapacity: 2912, cycleCount: 341 };

/** Why the loop of requests ended, besides a closed connection. */
type Power = 'restart' | 'shut-down' | 'sleep';

const POWER: ReadonlyMap<string | undefined, Power> = new Map([
  ['Restart', 'restart'],
  ['Shutdown', 'shut-down'],
  ['Sleep', 'sleep'],
]);

/**
 * Restarts the phone and tells about its battery.
 *
 * Source: device-protocols, section 9.5; libimobiledevice, `src/diagnostics_relay.c`.
 */
export function diagnosticsRelay(phone: SimulatedPhone): Service {
  return { name: 'com.apple.mobile.diagnostics_relay', serve: (context) => serve(context, phone) };
}

async function serve({ channel }: ServiceContext, phone: SimulatedPhone): Promise<void> {
  const messages = plistChannel(channel);
  let afterDisconnect: Power | undefined;
  for (;;) {
    const message = await messages.receive().catch(() => undefined);
    if (!message) break;
    const request = asDict(message.value) ?? {};
    const name = asString(request['Request']);
    await messages.send(answer(request, phone));
    const power = POWER.get(name);
    if (power && asBoolean(request['WaitForDisconnect'])) afterDisconnect = power;
    else if (power) change(power, phone);
    if (power && power !== 'sleep' && !afterDisconnect) return;
    if (name === 'Goodbye') break;
  }
  if (afterDisconnect) change(afterDisconnect, phone);
}

/** A restart is not waited for: this conversation is one of those that end. */
function change(power: Power, phone: SimulatedPhone): void {
  if (power === 'restart') void phone.restart();
  else if (power === 'shut-down') phone.shutDown();
  else phone.lock();
}

function answer(request: PlistDict, phone: SimulatedPhone): PlistDict {
  const name = asString(request['Request']);
  switch (name) {
    case 'Restart':
    case 'Shutdown':
    case 'Sleep':
    case 'Goodbye':
      return { Status: 'Success' };
    case 'WiFi':
    case 'NAND':
      return { Diagnostics: { [name]: { Status: 'Success' } }, Status: 'Success' };
    case 'All':
    case 'GasGauge':
      return { Diagnostics: { GasGauge: gasGauge() }, Status: 'Success' };
    case 'MobileGestalt':
      return { Diagnostics: { MobileGestalt: gestalt(request, phone) }, Status: 'Success' };
    case 'IORegistry':
      return ioRegistry(request, phone);
    default:
      return { Status: 'UnknownRequest' };
  }
}

function gasGauge(): PlistDict {
  return {
    CycleCount: BATTERY.cycleCount,
    DesignCapacity: BATTERY.designCapacity,
    FullChargeCapacity: BATTERY.nominalCapacity,
    Status: 'Success',
  };
}

/** Source: observed, section 5.3: `PasswordConfigured` was not reliable before it was deprecated either. */
function gestalt(request: PlistDict, phone: SimulatedPhone): PlistDict {
  if (phone.behaviour.gestaltDeprecated) return { Status: 'MobileGestaltDeprecated' };
  const known: PlistDict = {
    ...phone.values.domain(''),
    PasswordConfigured: phone.condition.passcode !== undefined,
  };
  const keys = (asArray(request['MobileGestaltKeys']) ?? []).map(asString);
  const told = keys.filter((key) => key !== undefined && Object.hasOwn(known, key));
  return { ...Object.fromEntries(told.map((key) => [key, known[key ?? '']])), Status: 'Success' };
}

/** The battery is the only device in our registry. */
function ioRegistry(request: PlistDict, phone: SimulatedPhone): PlistDict {
  const isBattery =
    request['EntryClass'] === 'IOPMPowerSource' || request['EntryName'] === 'AppleSmartBattery';
  if (!isBattery) return { Diagnostics: { IORegistry: {} }, Status: 'Success' };
  const { batteryPercent, onPower } = phone.condition;
  const battery: PlistDict = {
    CurrentCapacity: batteryPercent,
    CycleCount: BATTERY.cycleCount,
    DesignCapacity: BATTERY.designCapacity,
    ExternalConnected: onPower,
    FullyCharged: batteryPercent >= 100,
    InstantAmperage: onPower ? 900 : -180,
    IsCharging: onPower && batteryPercent < 100,
    MaxCapacity: 100,
    Serial: `F8Y${phone.identity.serialNumber.slice(0, 9)}`,
    NominalChargeCapacity: BATTERY.nominalCapacity,
    Temperature: 2650,
    Voltage: 4012,
  };
  return { Diagnostics: { IORegistry: battery }, Status: 'Success' };
}
