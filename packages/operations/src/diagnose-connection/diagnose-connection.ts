import { KnownError } from '@rootcellar/core';
import { type Device, deviceError, type Usbmux } from '@rootcellar/device';
import { chooseDevice } from '../choose-device.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { checkComputer, type FreeBytesOf } from './check-computer.ts';
import { checkDevice, DEVICE_CHECKS } from './check-device.ts';
import { CHECKS, type Check, type FindingName, platformOf, say } from './findings.ts';
import { notLookedAt } from './not-looked-at.ts';
import { isUsbmuxdInstalled } from './usbmuxd-installed.ts';

const SERVICE_CHECKS = CHECKS.slice(0, CHECKS.indexOf('lockdown-reachable'));

export interface DiagnoseConnectionOptions {
  readonly usbmux: Usbmux;
  /** UDID, its beginning, or a name; every connected device if absent. */
  readonly device?: string | undefined;
  readonly dataFolder: string;
  /** Whose words are used. Default: this computer's. */
  readonly platform?: NodeJS.Platform;
  /** Is the service named by USBMUXD_SOCKET_ADDRESS? Then that variable may be what is wrong. */
  readonly addressIsNamed?: boolean;
  /** Is the program there that finds iPhones on Linux? Default: looks where systems have it. */
  readonly isServiceInstalled?: () => Promise<boolean>;
  /** Default: asks the system. */
  readonly freeBytesOf?: FreeBytesOf;
  readonly signal?: AbortSignal;
}

export interface Diagnosis {
  /** From the socket up; those of several devices one after the other. */
  readonly checks: readonly Check[];
  /** Is there a device that can be worked with now, and a place for what is kept? */
  readonly ok: boolean;
}

/**
 * Looks at everything between this program and a phone, and says what stands in the way and what helps.
 * A problem is an answer, not an error.
 *
 * @example
 * const { checks, ok } = await diagnoseConnection({ usbmux: usbmuxOfThisComputer(), dataFolder: '/srv/rootcellar' });
 *
 * @throws `device.several-connected`, if the word fits several devices, as `OperationFailure`
 */
export function diagnoseConnection(options: DiagnoseConnectionOptions): Promise<Diagnosis> {
  return runOperation(() => diagnose(options), nothingChanged, options.signal);
}

async function diagnose(options: DiagnoseConnectionOptions): Promise<Diagnosis> {
  const { usbmux, signal, dataFolder, freeBytesOf } = options;
  const platform = platformOf(options.platform ?? process.platform);
  const { findings, devices } = await findDevices(options);
  const ofDevices: (readonly Check[])[] = [];
  // One after the other: whoever reads a trace of it can follow, and the daemon is not hurried.
  for (const device of devices) ofDevices.push(await checkDevice({ usbmux, device, platform, signal }));
  const ofComputer = await checkComputer(dataFolder, platform, freeBytesOf);

  const said = findings.map((finding) => say(finding, platform));
  return {
    checks: [
      ...said,
      ...SERVICE_CHECKS.filter((code) => said.every((check) => check.code !== code)).map((code) =>
        notLookedAt(code, said),
      ),
      ...(devices.length > 0 ? ofDevices.flat() : DEVICE_CHECKS.map((code) => notLookedAt(code, said))),
      ...ofComputer,
    ],
    ok: ofDevices.some(isFine) && isFine(ofComputer),
  };
}

/** Unknown is not a problem, but a device of which anything is unknown is not ready either. */
function isFine(checks: readonly Check[]): boolean {
  return checks.every(({ code, state }) => state === 'ok' || (code === 'free-space' && state === 'unknown'));
}

interface Found {
  readonly findings: readonly FindingName[];
  readonly devices: readonly Device[];
}

async function findDevices(options: DiagnoseConnectionOptions): Promise<Found> {
  const { usbmux, device: word, addressIsNamed = false } = options;
  const answering: readonly FindingName[] = ['usb-service-present', 'usb-service-answering'];
  try {
    const devices = await usbmux.listDevices();
    if (devices.length === 0) {
      const isStarting = (await usbmux.countUnready()) > 0;
      return { findings: [...answering, isStarting ? 'device-starting' : 'device-none'], devices };
    }
    const chosen = word === undefined ? devices : [await chooseDevice(usbmux, word)];
    const isOnUsb = chosen.some(({ attachments }) => attachments[0].connection === 'usb');
    return { findings: [...answering, isOnUsb ? 'device-on-usb' : 'device-on-wifi'], devices: chosen };
  } catch (error) {
    if (deviceError.matches(error, 'not-found')) {
      return { findings: [...answering, 'device-not-found'], devices: [] };
    }
    if (deviceError.matches(error) || !(error instanceof KnownError)) throw error;
    const findings = whyServiceFails(error, addressIsNamed);
    return { findings: await butInstalled(findings, options), devices: [] };
  }
}

function whyServiceFails({ code, details }: KnownError, addressIsNamed: boolean): readonly FindingName[] {
  if (code === 'usbmux.not-permitted') return ['usb-service-forbidden'];
  if (code !== 'usbmux.not-running') return ['usb-service-present', 'usb-service-silent'];
  if (addressIsNamed) return ['usb-service-elsewhere'];
  return [details['systemCode'] === 'ENOENT' ? 'usb-service-missing' : 'usb-service-refusing'];
}

/** On Linux the service often ends with the last iPhone: who has it need not install it. */
async function butInstalled(
  findings: readonly FindingName[],
  { platform = process.platform, isServiceInstalled = isUsbmuxdInstalled }: DiagnoseConnectionOptions,
): Promise<readonly FindingName[]> {
  const isMissing = findings.includes('usb-service-missing') && platformOf(platform) === 'linux';
  return isMissing && (await isServiceInstalled()) ? ['usb-service-asleep'] : findings;
}
