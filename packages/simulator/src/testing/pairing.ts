import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';

/** A computer as the tests play it: its keys, and the certificates of one pairing. */
export interface TestHost {
  readonly hostID: string;
  readonly systemBUID: string;
  /** PKCS#8 PEM of both root and host. */
  readonly privateKeyPem: string;
  readonly rootCertificate: Uint8Array;
  readonly hostCertificate: Uint8Array;
  readonly deviceCertificate: Uint8Array;
}

let sharedKey: KeyObject | undefined;

/**
 * Makes the certificates of a pairing, as DER by hand. Root and host share a key, to save the time.
 *
 * @param options.signature `sha1` is what Debian's libimobiledevice 1.3.0 signs with
 * Source: device-protocols, section 3.4.1.
 */
export function makeTestHost(
  devicePublicPem: string,
  options: { readonly signature?: 'sha1' | 'sha256'; readonly key?: KeyObject } = {},
): TestHost {
  const { signature = 'sha256' } = options;
  sharedKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const key = options.key ?? sharedKey;
  const own = spkiOf(createPublicKey(key));
  const device = spkiOf(createPublicKey({ key: devicePublicPem, format: 'pem', type: 'pkcs1' }));
  const make = (spki: Buffer, serial: number) => certificate(spki, serial, key, signature);
  return {
    hostID: randomUUID().toUpperCase(),
    systemBUID: randomUUID().toUpperCase(),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    rootCertificate: make(own, 1),
    hostCertificate: make(own, 2),
    deviceCertificate: make(device, 3),
  };
}

/** A key for a second, foreign computer. */
export function makeForeignKey(): KeyObject {
  return createPrivateKey(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
}

/** What the Pair request carries. */
export function pairRecordOf(host: TestHost) {
  return {
    DeviceCertificate: host.deviceCertificate,
    HostCertificate: host.hostCertificate,
    HostID: host.hostID,
    RootCertificate: host.rootCertificate,
    SystemBUID: host.systemBUID,
  };
}

const OIDS = { sha1: '06092a864886f70d010105', sha256: '06092a864886f70d01010b' } as const;
const NULL = Buffer.from('0500', 'hex');
const SEQUENCE = 0x30;

function certificate(spki: Buffer, serial: number, key: KeyObject, signature: 'sha1' | 'sha256'): Uint8Array {
  const algorithm = der(SEQUENCE, Buffer.from(OIDS[signature], 'hex'), NULL);
  const emptyName = der(SEQUENCE);
  const times = [utcTime('250101000000Z'), utcTime('350101000000Z')];
  const content = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(serial)),
    algorithm,
    emptyName,
    der(SEQUENCE, ...times),
    emptyName,
    spki,
  );
  const signed = der(0x03, Buffer.of(0), sign(signature, content, key));
  const base64 = der(SEQUENCE, content, algorithm, signed).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
