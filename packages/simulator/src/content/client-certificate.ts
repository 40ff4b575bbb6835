import { createECDH, createPrivateKey, sign } from 'node:crypto';
import {
  derBitString,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derUtcOrGeneralizedTime,
  derUtf8String,
} from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';

/** What an organisation gives to a phone so that its Wi-Fi knows it. */
export interface ClientCertificate {
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly serialNumber: Uint8Array;
  /** The public and the private number of a P-256 key, one after the other, as Apple keeps them (X9.63). */
  readonly privateKey: Uint8Array;
}

const OID = {
  commonName: '2.5.4.3',
  ecPublicKey: '1.2.840.10045.2.1',
  p256: '1.2.840.10045.3.1.7',
  ed25519: '1.3.101.112',
} as const;

/** The head of a PKCS#8 file around 32 bytes of an Ed25519 key. Source: RFC 8410, section 7. */
const ED25519_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

const YEAR_MS = 365 * 86_400_000;

/**
 * A certificate that any library can read. Its issuer signs with Ed25519, whose signatures need no
 * chance: the same seed gives the same bytes.
 */
export function inventClientCertificate(random: Random, name: string, now: Date): ClientCertificate {
  const key = createECDH('prime256v1');
  key.setPrivateKey(Buffer.from([0x01, ...random.bytes(31)]));
  const serialNumber = Uint8Array.from([0x01, ...random.bytes(7)]);
  const [issuer, subject] = [nameOf('Example Organisation'), nameOf(name)];
  const algorithm = derSequence(derOid(OID.ed25519));
  const body = derSequence(
    derInteger(BigInt(`0x${Buffer.from(serialNumber).toString('hex')}`)),
    algorithm,
    issuer,
    derSequence(
      derUtcOrGeneralizedTime(new Date(now.getTime() - YEAR_MS)),
      derUtcOrGeneralizedTime(new Date(now.getTime() + YEAR_MS)),
    ),
    subject,
    derSequence(
      derSequence(derOid(OID.ecPublicKey), derOid(OID.p256)),
      derBitString(new Uint8Array(key.getPublicKey())),
    ),
  );
  const signer = createPrivateKey({
    key: Buffer.concat([ED25519_HEAD, random.bytes(32)]),
    format: 'der',
    type: 'pkcs8',
  });
  return {
    certificate: derSequence(body, algorithm, derBitString(new Uint8Array(sign(null, body, signer)))),
    issuer,
    subject,
    serialNumber,
    privateKey: new Uint8Array(Buffer.concat([key.getPublicKey(), key.getPrivateKey()])),
  };
}

function nameOf(commonName: string): Uint8Array {
  return derSequence(derSet(derSequence(derOid(OID.commonName), derUtf8String(commonName))));
}
