import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { KnownError, withTimeout } from '@rootcellar/core';
import { lockdownError } from '../errors.ts';
import type { PairRecord } from './pair-record.ts';

/** Source: device-protocols §3.6; on iOS 27 a handshake may be late after a restart (observed §0). */
const HANDSHAKE_TIMEOUT_MS = 60_000;

/** Phones before iOS 10 speak TLS 1.0 only. Source: device-protocols §3.6. */
const FIRST_VERSION_WITH_TLS_1_2 = 10;

/**
 * Puts TLS around a stream to a device and makes sure that it is the paired one.
 *
 * The certificates of a pairing have empty names, so no ordinary chain check can pass; instead the
 * device's key must be the one of the pair record.
 *
 * @param options.productVersion of the device, if it is known: old ones speak old TLS
 * @throws `lockdown.wrong-device-key`; `lockdown.secure-connection-failed`, also when the pair record holds
 *   no usable keys; `stream.timed-out`; the reason of `options.signal`
 *
 * Source: device-protocols §3.4, "Chain-verification trap".
 */
export async function secureConnection(
  stream: Duplex,
  record: PairRecord,
  options: { readonly productVersion?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<TLSSocket> {
  let socket: TLSSocket | undefined;
  try {
    // TLS would wait in vain for an end that was told already.
    if (stream.readableEnded || stream.destroyed) throw lockdownError('secure-connection-failed');
    socket = connect({ socket: stream, ...tlsOptions(record, options.productVersion) });
    await withTimeout(handshake(socket), {
      timeoutMs: HANDSHAKE_TIMEOUT_MS,
      waitingFor: 'a secure connection',
      signal: options.signal,
    });
    requirePairedKey(socket, record);
    return socket;
  } catch (error) {
    socket?.destroy();
    stream.destroy();
    const isOurs = error instanceof KnownError || options.signal?.aborted;
    // `node:tls` and `node:crypto` say in their own words that a certificate or key cannot be read.
    throw isOurs ? error : lockdownError('secure-connection-failed', {}, error);
  }
}

function tlsOptions(record: PairRecord, productVersion: string | undefined): ConnectionOptions {
  const isOld = Number.parseInt(productVersion ?? '', 10) < FIRST_VERSION_WITH_TLS_1_2;
  return {
    cert: Buffer.from(record.hostCertificate),
    key: Buffer.from(record.hostPrivateKey.reveal()),
    rejectUnauthorized: false,
    minVersion: isOld ? 'TLSv1' : 'TLSv1.2',
    // Older pairings are signed with SHA-1. What protects us is the pinned key, not the signature.
    ciphers: 'DEFAULT:@SECLEVEL=0',
  };
}

function handshake(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => reject(lockdownError('secure-connection-failed', {}, cause));
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      socket.off('close', fail);
      resolve();
    });
    socket.once('error', fail);
    socket.once('close', fail);
  });
}

function requirePairedKey(socket: TLSSocket, record: PairRecord): void {
  const theirs = socket.getPeerX509Certificate();
  const paired = new X509Certificate(Buffer.from(record.deviceCertificate));
  if (theirs === undefined || !theirs.publicKey.equals(paired.publicKey)) {
    throw lockdownError('wrong-device-key');
  }
}
