import type { PlistDict, PlistValue } from '@rootcellar/codecs';
import type { System } from '../devices/systems.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import type { PhoneCondition, PhoneIdentity } from './phone.ts';
import { wifiLabel } from './wifi-label.ts';

export interface DomainFacts {
  readonly identity: PhoneIdentity;
  readonly system: System;
  readonly condition: Readonly<PhoneCondition>;
  readonly files: PhoneFileSystem;
  /** How often the phone has started. */
  readonly boots: number;
}

/** Unsigned −1. Source: observed, section 5.4 (`FamilyID` of `com.apple.mobile.iTunes`). */
const NO_FAMILY = 2n ** 64n - 1n;

/**
 * Values of a named domain; empty for one we do not know, as on a phone.
 *
 * Source: device-protocols, section 3.3; observed, section 5.4.
 */
export function domainValues(domain: string, facts: DomainFacts): PlistDict {
  switch (domain) {
    case 'com.apple.mobile.backup':
      return {
        CloudBackupEnabled: false,
        RequiresEncryption: facts.condition.requiresEncryption ? 1 : 0,
        Version: '2.0',
      };
    case 'com.apple.mobile.battery':
      return batteryValues(facts.condition);
    case 'com.apple.disk_usage':
    case 'com.apple.disk_usage.factory':
      return diskValues(facts.files);
    case 'com.apple.mobile.wireless_lockdown':
      return wirelessValues(facts);
    case 'com.apple.mobile.iTunes':
      return {
        FamilyID: NO_FAMILY,
        MinITunesVersion: '12.10.10',
        MinMacOSVersion: '10.5.8',
        iTunesSetupComplete: true,
      };
    case 'com.apple.international':
      return { Keyboard: 'en_GB@sw=QWERTY', Language: 'en', Locale: 'en_GB' };
    case 'com.apple.purplebuddy':
      return facts.condition.setUp
        ? { SetupDone: true, SetupState: 'SetupUsingAssistant', SetupVersion: 11 }
        : {};
    case 'com.apple.mobile.lockdown_cache':
      return { ActivationState: facts.condition.setUp ? 'Activated' : 'Unactivated' };
    case 'com.apple.security.mac.amfi':
      return { DeveloperModeStatus: false };
    default:
      return {};
  }
}

/** Find My is told only to who asks for the key itself. Source: observed, section 5.4. */
export function hiddenValue(domain: string, key: string, { condition }: DomainFacts): PlistValue | undefined {
  return domain === 'com.apple.fmip' && key === 'IsAssociated' ? condition.findMy : undefined;
}

function batteryValues({ batteryPercent, onPower }: Readonly<PhoneCondition>): PlistDict {
  return {
    BatteryCurrentCapacity: batteryPercent,
    BatteryIsCharging: onPower && batteryPercent < 100,
    ExternalChargeCapable: onPower,
    ExternalConnected: onPower,
    FullyCharged: batteryPercent >= 100,
    GasGaugeCapability: true,
    HasBattery: true,
  };
}

/** How much of the disk the system takes. Our choice, of the size of iOS 18 and 26. */
export const SYSTEM_BYTES = 16_000_000_000;

/** Kept free for the phone itself: available to restores, not to people. Our choice. */
const RESERVED_BYTES = 200 * 1024 * 1024;

function diskValues(files: PhoneFileSystem): PlistDict {
  const isWholePhone = files.capacityBytes >= SYSTEM_BYTES;
  const systemBytes = isWholePhone ? SYSTEM_BYTES : Math.floor(files.capacityBytes / 4);
  const freeBytes = Math.max(0, files.capacityBytes - files.usedBytes());
  const reservedBytes = Math.min(RESERVED_BYTES, freeBytes);
  return {
    AmountDataAvailable: freeBytes - reservedBytes,
    AmountDataReserved: reservedBytes,
    AmountRestoreAvailable: freeBytes,
    TotalDataAvailable: freeBytes,
    TotalDataCapacity: files.capacityBytes,
    TotalDiskCapacity: files.capacityBytes + systemBytes,
    TotalSystemAvailable: 0,
    TotalSystemCapacity: systemBytes,
  };
}

/** `EnableWifiConnections` appears once it has been set. Source: observed, section 5.4. */
function wirelessValues({ identity, system: { behaviour }, boots }: DomainFacts): PlistDict {
  const instance = wifiLabel(identity, behaviour, boots);
  const all: PlistDict = {
    BonjourFullServiceName: `${instance}._apple-mobdev2._tcp.local.`,
    EnableWifiDebugging: behaviour.wifiDebugging,
    InstanceName: instance,
    SupportsWifi: true,
    SupportsWifiSyncing: true,
  };
  return Object.fromEntries(behaviour.wirelessKeys.map((key) => [key, all[key]]));
}
