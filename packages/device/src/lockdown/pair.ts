import { randomUUID } from 'node:crypto';
import { asData, asString } from '@rootcellar/codecs';
import { type Clock, Secret, systemClock } from '@rootcellar/core';
import { lockdownError } from '../errors.ts';
import type { Lockdown } from './lockdown.ts';
import type { PairRecord } from './pair-record.ts';
import { makePairingCertificates } from './pairing-certificates.ts';

/** Source: device-protocols §3.5. */
const ASK_AGAIN_AFTER_MS = 1_000;

/**
 * The dialogue may appear half a minute late and then wants a passcode too.
 * Source: observed §5.5 (usbmuxd #281: 20–30 s on iOS 26.3.1).
 */
const ANSWER_WITHIN_MS = 180_000;

/** What the owner has to do while pairing waits. */
export type PairingWait = 'unlock' | 'tap-trust';

/**
 * Asks the device to trust this computer, and waits for the person who holds it.
 *
 * @param options.systemBuid this computer's name in pairings, from usbmuxd
 * @param options.onWaiting called whenever what we wait for changes
 * @throws `lockdown.trust-denied`, `lockdown.trust-pending` if nobody answers within three minutes,
 *   `lockdown.locked` if it stays locked, `lockdown.pairing-prohibited`, `lockdown.pairing-needs-cable`
 *
 * Source: device-protocols §3.5.
 */
export async function pair(
  lockdown: Lockdown,
  options: {
    readonly systemBuid: string;
    readonly hostName?: string;
    readonly onWaiting?: (wait: PairingWait) => void;
    readonly signal?: AbortSignal;
    readonly clock?: Clock;
  },
): Promise<PairRecord> {
  const { systemBuid, hostName, signal, clock = systemClock } = options;
  const devicePublicKey = asData(await lockdown.value('DevicePublicKey'));
  if (devicePublicKey === undefined) throw lockdownError('no-public-key');
  const wifiAddress = asString(await lockdown.value('WiFiAddress'));
  const certificates = await makePairingCertificates(devicePublicKey, clock.now());
  const hostID = randomUUID().toUpperCase();

  const offer = {
    HostName: hostName,
    PairingOptions: { ExtendedPairingErrors: true },
    // The private keys stay here: the device has no use for them. Source: device-protocols §3.5.
    PairRecord: {
      DeviceCertificate: certificates.deviceCertificate,
      HostCertificate: certificates.hostCertificate,
      HostID: hostID,
      RootCertificate: certificates.rootCertificate,
      SystemBUID: systemBuid,
    },
  };
  const escrowBag = await askUntilAnswered(() => lockdown.request('Pair', offer), {
    clock,
    signal,
    onWaiting: options.onWaiting,
  });
  return {
    hostID,
    systemBuid,
    deviceCertificate: certificates.deviceCertificate,
    hostCertificate: certificates.hostCertificate,
    rootCertificate: certificates.rootCertificate,
    hostPrivateKey: new Secret(certificates.hostPrivateKey),
    rootPrivateKey: new Secret(certificates.rootPrivateKey),
    ...(escrowBag && { escrowBag: new Secret(escrowBag) }),
    ...(wifiAddress !== undefined && { wifiAddress: wifiAddress.toLowerCase() }),
  };
}

/** Repeats the identical request each second, as the protocol wants it. @returns the escrow bag */
async function askUntilAnswered(
  ask: () => ReturnType<Lockdown['request']>,
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal | undefined;
    readonly onWaiting: ((wait: PairingWait) => void) | undefined;
  },
): Promise<Uint8Array | undefined> {
  const { clock, signal, onWaiting } = options;
  const until = clock.now().getTime() + ANSWER_WITHIN_MS;
  let told: PairingWait | undefined;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return asData((await ask())['EscrowBag']);
    } catch (error) {
      const wait = waitFor(error);
      if (wait === undefined || clock.now().getTime() >= until) throw error;
      if (wait !== told) onWaiting?.(wait);
      told = wait;
    }
    await clock.sleep(ASK_AGAIN_AFTER_MS, signal);
  }
}

function waitFor(error: unknown): PairingWait | undefined {
  if (lockdownError.matches(error, 'locked')) return 'unlock';
  return lockdownError.matches(error, 'trust-pending') ? 'tap-trust' : undefined;
}
