import { join } from 'node:path';
import { type Clock, systemClock } from '@rootcellar/core';
import { modelFor, modelNamed } from '../devices/models.ts';
import { DEFAULT_PRODUCT_VERSION, systemVersion } from '../devices/systems.ts';
import { readFaultText } from '../faults/read-fault.ts';
import { loadSavedPhone } from '../state/saved-phone.ts';
import { type DeviceKey, deviceKeyFromPem, makeDeviceKey } from './device-key.ts';
import { SYSTEM_BYTES } from './domain-values.ts';
import type { ContentRequest, FillPhone } from './fill-phone.ts';
import { makeIdentity } from './identity.ts';
import type { PhoneCondition } from './phone.ts';
import type { OwnerKind } from './present-owner.ts';
import { SimulatedPhone } from './simulated-phone.ts';

export interface PhoneOptions {
  /** `iPhone15,2` unless given; the nearest one that runs `ios`, if that does not. */
  readonly model?: string | undefined;
  /** `26.1` unless given. */
  readonly ios?: string | undefined;
  /** The same seed gives the same phone. */
  readonly seed?: string | undefined;
  /** What is on it: `tiny` unless given; also `family`, `huge`, `huge:64` (a sixty-fourth), `fresh`, `empty`. */
  readonly profile?: string | undefined;
  /** `present` unless given. */
  readonly owner?: OwnerKind | undefined;
  /** How the computer reaches it: by cable unless given. */
  readonly reach?: 'usb' | 'wifi' | 'both' | undefined;
  /** What is to go wrong, as `readFaultText` understands it: `stall:bytes=5000`. */
  readonly faults?: readonly string[] | undefined;
  /** Saves the second a new key takes. */
  readonly deviceKey?: DeviceKey | undefined;
}

const DEFAULT_SEED = '1';
const DEFAULT_PROFILE = 'tiny';
const DEFAULT_PASSCODE = '123456';

/**
 * Makes a phone, or wakes the one that was saved: then its model, system and seed are what was saved.
 *
 * @param stateFolder of this phone alone; nothing is kept if absent
 * @throws `simulator.model-unknown`, `simulator.system-unknown`, `simulator.system-impossible`,
 *   `simulator.state-unreadable`, `simulator.state-newer`,
 *   `simulator.fault-unknown`, `simulator.fault-parameter-invalid`, and what `fill` throws
 */
export async function openPhone(
  options: PhoneOptions,
  needs: {
    readonly fill: FillPhone;
    readonly clock?: Clock | undefined;
    readonly stateFolder?: string | undefined;
  },
): Promise<SimulatedPhone> {
  const { fill, clock = systemClock, stateFolder } = needs;
  const faults = (options.faults ?? []).map(readFaultText);
  const saved = stateFolder === undefined ? undefined : await loadSavedPhone(stateFolder);
  const system = systemVersion(saved?.productVersion ?? options.ios ?? DEFAULT_PRODUCT_VERSION);
  const model = saved ? modelNamed(saved.productType) : modelFor(system, options.model);
  const seed = saved?.seed ?? options.seed ?? DEFAULT_SEED;
  const request: Omit<ContentRequest, 'start'> = {
    seed,
    profile: options.profile ?? DEFAULT_PROFILE,
    productVersion: system.productVersion,
    capacityBytes: model.storageBytes - SYSTEM_BYTES,
    clock,
    stateFolder: stateFolder === undefined ? undefined : join(stateFolder, 'files'),
  };
  const filled = await fill({ ...request, start: saved ? 'resume' : 'fresh' });
  const phone = new SimulatedPhone({
    seed,
    identity: makeIdentity({ model, system, seed }),
    model,
    system,
    deviceKey: saved
      ? deviceKeyFromPem(saved.devicePrivateKeyPem)
      : (options.deviceKey ?? (await makeDeviceKey())),
    clock,
    owner: options.owner ?? 'present',
    condition: saved ? { ...saved.condition } : newCondition(),
    encryption: saved?.encryption,
    files: filled.files,
    apps: saved?.apps ?? filled.apps,
    fillErased: () => fill({ ...request, start: 'erased' }),
    stateFolder,
  });
  if (saved) {
    phone.unlockedSinceBoot = saved.unlockedSinceBoot;
    phone.values.restore(saved.values);
    for (const host of saved.trusted) phone.trust.add(host);
    // The simulator ended while the phone restarted: an owner who is present unlocks it now.
    if (options.owner !== 'absent' && !saved.unlockedSinceBoot) phone.unlock();
  } else {
    await phone.save();
  }
  phone.presence.setPlugged(options.reach !== 'wifi');
  phone.presence.setOnWifi(options.reach === 'wifi' || options.reach === 'both');
  for (const fault of faults) phone.faults.arm(phone, fault);
  return phone;
}

/** In use for a while, unlocked, at the computer's cable. */
function newCondition(): PhoneCondition {
  return {
    setUp: true,
    locked: false,
    passcode: DEFAULT_PASSCODE,
    findMy: false,
    batteryPercent: 82,
    onPower: true,
    leftoverSnapshot: false,
    requiresEncryption: false,
    restorePending: false,
  };
}
