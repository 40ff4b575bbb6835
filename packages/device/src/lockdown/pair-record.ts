import {
  asData,
  asDict,
  asString,
  encodeXmlPlist,
  type PlistDict,
  parsePropertyList,
  plistError,
} from '@rootcellar/codecs';
import { Secret } from '@rootcellar/core';

/**
 * What makes this computer trusted by one device. Whoever has it can read the device while it is
 * unlocked, so the keys are secrets. Certificates and keys are PEM text.
 *
 * Source: device-protocols §4.
 */
export interface PairRecord {
  /** An upper-case UUID: this computer, as this device knows it. */
  readonly hostID: string;
  /** This computer, as all devices know it. */
  readonly systemBuid: string;
  readonly deviceCertificate: Uint8Array;
  readonly hostCertificate: Uint8Array;
  readonly rootCertificate: Uint8Array;
  readonly hostPrivateKey: Secret<Uint8Array>;
  /** Missing in records of some other programs. */
  readonly rootPrivateKey?: Secret<Uint8Array>;
  /** 32 bytes that open protected data while the device is locked; watches have none. */
  readonly escrowBag?: Secret<Uint8Array>;
  readonly wifiAddress?: string;
}

/**
 * @returns `undefined` if something without which no session can start is missing, or if the file is
 *   damaged: pairing again mends both
 */
export function parsePairRecord(file: Uint8Array): PairRecord | undefined {
  const dict = readDict(file);
  const hostID = asString(dict?.['HostID']);
  const systemBuid = asString(dict?.['SystemBUID']);
  const deviceCertificate = asData(dict?.['DeviceCertificate']);
  const hostCertificate = asData(dict?.['HostCertificate']);
  const rootCertificate = asData(dict?.['RootCertificate']);
  const hostPrivateKey = asData(dict?.['HostPrivateKey']);
  if (
    !hostID ||
    !systemBuid ||
    !deviceCertificate ||
    !hostCertificate ||
    !rootCertificate ||
    !hostPrivateKey
  ) {
    return undefined;
  }
  const rootPrivateKey = asData(dict?.['RootPrivateKey']);
  const escrowBag = asData(dict?.['EscrowBag']);
  const wifiAddress = asString(dict?.['WiFiMACAddress']);
  return {
    hostID,
    systemBuid,
    deviceCertificate,
    hostCertificate,
    rootCertificate,
    hostPrivateKey: new Secret(hostPrivateKey),
    ...(rootPrivateKey && { rootPrivateKey: new Secret(rootPrivateKey) }),
    ...(escrowBag && { escrowBag: new Secret(escrowBag) }),
    ...(wifiAddress !== undefined && { wifiAddress }),
  };
}

function readDict(file: Uint8Array): PlistDict | undefined {
  try {
    return asDict(parsePropertyList(file));
  } catch (error) {
    if (!plistError.matches(error)) throw error;
    return undefined;
  }
}

/** The file as every other program on this computer reads it. */
export function encodePairRecord(record: PairRecord): Uint8Array {
  return encodeXmlPlist({
    DeviceCertificate: record.deviceCertificate,
    EscrowBag: record.escrowBag?.reveal(),
    HostCertificate: record.hostCertificate,
    HostID: record.hostID,
    HostPrivateKey: record.hostPrivateKey.reveal(),
    RootCertificate: record.rootCertificate,
    RootPrivateKey: record.rootPrivateKey?.reveal(),
    SystemBUID: record.systemBuid,
    WiFiMACAddress: record.wifiAddress,
  });
}
