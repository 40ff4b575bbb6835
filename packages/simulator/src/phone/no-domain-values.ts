import { type PlistDict, PlistReal } from '@rootcellar/codecs';
import { seededRandom } from '@rootcellar/core';
import type { Model } from '../devices/models.ts';
import type { PhoneCondition, PhoneIdentity } from './phone.ts';

/** What the values depend on besides the identity; read anew for each question. */
export interface ValueFacts {
  readonly identity: PhoneIdentity;
  readonly model: Model;
  readonly condition: Readonly<PhoneCondition>;
  readonly devicePublicPem: string;
  readonly now: Date;
  readonly trusted: boolean;
}

/**
 * The dictionary without a domain, as a trusted computer reads it from a phone without SIM card.
 *
 * Source: observed, section 5.2 (keys of 12.1.4 and 15.6.1); device-protocols, section 3.3.
 */
export function noDomainValues(facts: ValueFacts): PlistDict {
  const { condition, devicePublicPem, now, trusted } = facts;
  return {
    ...hardwareValues(facts),
    ...(facts.model.hasBaseband ? basebandValues(facts.identity) : {}),
    ActivationState: condition.setUp ? 'Activated' : 'Unactivated',
    ActivationStateAcknowledged: condition.setUp,
    BrickState: !condition.setUp,
    DevicePublicKey: Buffer.from(devicePublicPem),
    HostAttached: true,
    PasswordProtected: condition.locked && condition.passcode !== undefined,
    ProductionSOC: true,
    TimeIntervalSince1970: new PlistReal(now.getTime() / 1000),
    TimeZone: 'Europe/Berlin',
    TimeZoneOffsetFromUTC: new PlistReal(3600),
    TrustedHostAttached: trusted,
    Uses24HourClock: true,
  };
}

function hardwareValues({ identity, model }: ValueFacts): PlistDict {
  const random = seededRandom(`hardware/${identity.udid}`);
  return {
    BoardId: model.boardID,
    BluetoothAddress: neighbourAddress(identity.wifiAddress, 1),
    BuildVersion: identity.buildVersion,
    CPUArchitecture: model.architecture,
    ChipID: model.chipID,
    DeviceClass: model.deviceClass,
    DeviceColor: '1',
    DeviceName: identity.deviceName,
    DieID: identity.ecid,
    EthernetAddress: neighbourAddress(identity.wifiAddress, 2),
    HardwareModel: model.hardwareModel,
    HardwarePlatform: `${model.chipID < 0x8010 ? 's' : 't'}${model.chipID.toString(16)}`,
    HasSiDP: true,
    ModelNumber: model.modelNumber,
    NonVolatileRAM: { 'auto-boot': Buffer.from('true'), 'backlight-level': Buffer.from('1520') },
    PairRecordProtectionClass: 4,
    PartitionType: 'GUID_partition_scheme',
    PkHash: random.bytes(32),
    ProductName: 'iPhone OS',
    ProductType: identity.productType,
    ProductVersion: identity.productVersion,
    ProtocolVersion: '2',
    ProximitySensorCalibration: random.bytes(32),
    RegionInfo: 'ZD/A',
    SerialNumber: identity.serialNumber,
    SoftwareBehavior: new Uint8Array(16),
    SoftwareBundleVersion: '',
    SupportedDeviceFamilies: model.deviceClass === 'iPad' ? [1, 2] : [1],
    UniqueChipID: identity.ecid,
    UniqueDeviceID: identity.udid,
    WiFiAddress: identity.wifiAddress,
  };
}

/** Informational only: no client decides by them. Numbers are of the right size, not of a real modem. */
function basebandValues(identity: PhoneIdentity): PlistDict {
  const random = seededRandom(`baseband/${identity.udid}`);
  return {
    BasebandActivationTicketVersion: 'V2',
    BasebandCertId: random.below(2 ** 31),
    BasebandChipID: random.below(2 ** 24),
    BasebandKeyHashInformation: { AKeyStatus: 2, SKeyStatus: 0 },
    BasebandMasterKeyHash: Buffer.from(random.bytes(24)).toString('hex').toUpperCase(),
    BasebandRegionSKU: new Uint8Array(4),
    BasebandSerialNumber: random.bytes(4),
    BasebandStatus: 'BBInfoAvailable',
    BasebandVersion: '3.20.03',
    CarrierBundleInfoArray: [],
    CertID: random.below(2 ** 31),
    ChipSerialNo: random.bytes(4),
    InternationalMobileEquipmentIdentity: imei(random.below(10 ** 6)),
    SIMStatus: 'kCTSIMSupportSIMStatusNotInserted',
    SIMTrayStatus: 'kCTSIMSupportSIMTrayInsertedNoSIM',
    TelephonyCapability: true,
  };
}

/** Test equipment numbers begin with 00; the last digit is the Luhn check. Source: 3GPP TS 23.003, section 6.2. */
function imei(serial: number): string {
  const digits = `00101234${serial.toString().padStart(6, '0')}`;
  const sum = [...digits].reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function neighbourAddress(address: string, distance: number): string {
  const last = (Number.parseInt(address.slice(-2), 16) + distance) & 0xff;
  return `${address.slice(0, -2)}${last.toString(16).padStart(2, '0')}`;
}
