import { createHash, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import {
  derBitString,
  derBoolean,
  derContext,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derUtcOrGeneralizedTime,
} from '@rootcellar/codecs';
import { lockdownError } from '../errors.ts';

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';

/** digitalSignature and keyEncipherment: bits 0 and 2, five bits unused. */
const SIGN_AND_ENCIPHER = Uint8Array.of(0xa0);
const SIGN_AND_ENCIPHER_UNUSED_BITS = 5;

const MINUTE_MS = 60_000;
const VALID_DAYS = 3650;

/** Everything that pairing makes anew; all PEM text. */
export interface PairingCertificates {
  readonly rootCertificate: Uint8Array;
  readonly hostCertificate: Uint8Array;
  readonly deviceCertificate: Uint8Array;
  readonly rootPrivateKey: Uint8Array;
  readonly hostPrivateKey: Uint8Array;
}

/**
 * Makes the chain of one pairing: a root key and a host key of our own, and a certificate for the
 * device's key signed by that root.
 *
 * @param devicePublicKey `DevicePublicKey` of lockdown: PEM of a PKCS#1 RSA public key
 * @throws `lockdown.no-public-key` if that is no RSA key
 *
 * Source: device-protocols §3.4; checked against Debian's libimobiledevice by `tests/interop`.
 */
export async function makePairingCertificates(
  devicePublicKey: Uint8Array,
  now: Date,
): Promise<PairingCertificates> {
  const deviceKey = readPublicKey(devicePublicKey);
  const [root, host] = await Promise.all([newKeyPair(), newKeyPair()]);
  const certify = (publicKey: KeyObject, role: Role) => certificate({ publicKey, role, signer: root, now });
  return {
    rootCertificate: certify(root.publicKey, 'root'),
    hostCertificate: certify(host.publicKey, 'host'),
    deviceCertificate: certify(deviceKey, 'device'),
    rootPrivateKey: pkcs8(root.privateKey),
    hostPrivateKey: pkcs8(host.privateKey),
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

type Role = 'root' | 'host' | 'device';

const generate = promisify(generateKeyPair);

function newKeyPair(): Promise<KeyPair> {
  return generate('rsa', { modulusLength: 2048, publicExponent: 65_537 });
}

function certificate(options: {
  readonly publicKey: KeyObject;
  readonly role: Role;
  readonly signer: KeyPair;
  readonly now: Date;
}): Uint8Array {
  const { publicKey, role, signer, now } = options;
  const algorithm = derSequence(derOid(SHA256_WITH_RSA), derNull());
  const nobody = derSequence();
  const body = derSequence(
    derContext(0, derInteger(2)),
    derInteger(1),
    algorithm,
    nobody,
    validity(now),
    nobody,
    subjectPublicKeyInfo(publicKey),
    derContext(3, derSequence(...extensions(role, publicKey))),
  );
  const signature = sign('sha256', body, signer.privateKey);
  return pem('CERTIFICATE', derSequence(body, algorithm, derBitString(signature)));
}

function validity(now: Date): Uint8Array {
  const from = new Date(now.getTime() - MINUTE_MS);
  const to = new Date(now.getTime() + VALID_DAYS * 24 * 60 * MINUTE_MS);
  return derSequence(derUtcOrGeneralizedTime(from), derUtcOrGeneralizedTime(to));
}

function subjectPublicKeyInfo(publicKey: KeyObject): Uint8Array {
  return derSequence(derSequence(derOid(RSA_ENCRYPTION), derNull()), derBitString(pkcs1(publicKey)));
}

function extensions(role: Role, publicKey: KeyObject): readonly Uint8Array[] {
  const isAuthority = role === 'root';
  const constraints = critical(
    BASIC_CONSTRAINTS,
    isAuthority ? derSequence(derBoolean(true)) : derSequence(),
  );
  if (isAuthority) return [constraints];
  const usage = critical(KEY_USAGE, derBitString(SIGN_AND_ENCIPHER, SIGN_AND_ENCIPHER_UNUSED_BITS));
  if (role === 'host') return [constraints, usage];
  const identifier = createHash('sha1').update(pkcs1(publicKey)).digest();
  const keyIdentifier = derSequence(
    derOid(SUBJECT_KEY_IDENTIFIER),
    derOctetString(derOctetString(identifier)),
  );
  return [constraints, usage, keyIdentifier];
}

function critical(oid: string, value: Uint8Array): Uint8Array {
  return derSequence(derOid(oid), derBoolean(true), derOctetString(value));
}

/** By way of SPKI: Node 24 cannot export a key as PKCS#1 that it has read from PKCS#1. */
function readPublicKey(pem: Uint8Array): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(pem), format: 'pem', type: 'pkcs1' });
    const again = key.export({ type: 'spki', format: 'der' });
    if (key.asymmetricKeyType === 'rsa') return createPublicKey({ key: again, format: 'der', type: 'spki' });
  } catch (error) {
    throw lockdownError('no-public-key', {}, error);
  }
  throw lockdownError('no-public-key');
}

function pkcs1(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ type: 'pkcs1', format: 'der' });
}

function pkcs8(privateKey: KeyObject): Uint8Array {
  return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function pem(label: string, der: Uint8Array): Uint8Array {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return Buffer.from(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`);
}
