import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { withTimeout } from '@rootcellar/core';
import { simulatorError } from '../errors.ts';
import { isOneOf } from '../lockdown/pairing-certificates.ts';

/** Source: device-protocols, section 3.6. */
const HANDSHAKE_MS_MAX = 10_000;

/**
 * Pairings signed with SHA-1 (Debian's libimobiledevice 1.3.0) and clients held to TLS 1.0 are served too,
 * as phones serve them. Source: interop, section 2.
 */
const CIPHERS = 'DEFAULT:@SECLEVEL=0';
const TLS_VERSION_MIN = 'TLSv1';

export interface TlsIdentity {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: Uint8Array;
  /** PEM; the other side has to show one of them. */
  readonly accepted: readonly Uint8Array[];
  readonly versionMax: 'TLSv1.2';
}

/**
 * Puts TLS around a stream, in the server's role: the phone is the server on its own connections.
 * Call it in the tick in which the stream was released: bytes already received stay in front.
 *
 * @throws `simulator.tls-failed`; `simulator.certificate-refused` if a stranger connects. The stream is destroyed then.
 */
export async function serveTls(stream: Duplex, identity: TlsIdentity): Promise<TLSSocket> {
  // TLS would wait in vain for an end that was told already.
  if (stream.readableEnded || stream.destroyed) {
    stream.destroy();
    throw simulatorError('tls-failed');
  }
  const tls = new TLSSocket(stream, {
    isServer: true,
    requestCert: true,
    // Empty names make every pairing certificate look self-signed: compared by hand below.
    rejectUnauthorized: false,
    secureContext: createSecureContext({
      key: identity.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: Buffer.from(identity.certificate),
      ciphers: CIPHERS,
      minVersion: TLS_VERSION_MIN,
      maxVersion: identity.versionMax,
    }),
  });
  tls.on('error', () => {});
  try {
    await withTimeout(secured(tls, stream), { timeoutMs: HANDSHAKE_MS_MAX, waitingFor: 'a TLS handshake' });
    if (!isOneOf(tls.getPeerX509Certificate(), identity.accepted))
      throw simulatorError('certificate-refused');
    return tls;
  } catch (error) {
    tls.destroy();
    stream.destroy();
    throw error;
  }
}

/** Whoever hangs up is heard on the stream below: TLS itself tells of an end only those who read. */
function secured(tls: TLSSocket, stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => reject(simulatorError('tls-failed', {}, cause));
    const hungUp = (): void => fail();
    stream.once('end', hungUp);
    tls.once('error', fail);
    tls.once('close', hungUp);
    tls.once('secure', () => {
      stream.off('end', hungUp);
      resolve();
    });
  });
}
