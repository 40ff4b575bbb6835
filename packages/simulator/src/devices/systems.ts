import { simulatorError } from '../errors.ts';

/** What differs between one system version and the next, as far as the wire shows it. */
export interface System {
  readonly productVersion: string;
  readonly buildVersion: string;
  readonly major: number;
  /**
   * The newest TLS it offers. No log shows 1.3 from a phone.
   * Source: observed, section 5.1.
   */
  readonly tlsVersionMax: 'TLSv1.2';
  /** Before 13 AFC was served without TLS. Source: observed, sections 0 and 5.1. */
  readonly afcOverTls: boolean;
  /** Source: observed, section 5.4. */
  readonly wirelessKeys: readonly string[];
  /** MobileGestalt answers only "deprecated". Source: device-protocols, section 9.5. */
  readonly gestaltDeprecated: boolean;
}

export const DEFAULT_PRODUCT_VERSION = '26.1';

const OLDEST = 12;
const NEWEST = 27;

/** Builds as released. */
const BUILDS: Readonly<Record<string, string>> = {
  '12.1.4': '16D57',
  '13.7': '17H35',
  '14.8': '18H17',
  '15.6.1': '19G82',
  '16.7.2': '20H115',
  '17.6.1': '21G93',
  '18.6.2': '22G100',
  '26.1': '23B85',
};

const VERSION = /^(\d{1,2})(?:\.(\d{1,2}))?(?:\.(\d{1,2}))?$/;

/** @throws `simulator.system-unknown` for what is no version from iOS 12 to 27 */
export function systemVersion(productVersion: string): System {
  const parts = VERSION.exec(productVersion);
  const major = Number(parts?.[1]);
  if (!parts || major < OLDEST || major > NEWEST || (major > 18 && major < 26)) {
    throw simulatorError('system-unknown', { oldest: OLDEST, newest: NEWEST });
  }
  const minor = Number(parts[2] ?? 0);
  return {
    productVersion,
    buildVersion: BUILDS[productVersion] ?? inventedBuild(major, minor, Number(parts[3] ?? 0)),
    major,
    tlsVersionMax: 'TLSv1.2',
    afcOverTls: major >= 13,
    wirelessKeys: wirelessKeysOf(major, minor),
    gestaltDeprecated: major > 17 || (major === 17 && minor >= 4),
  };
}

/** Of the right form (16A… is iOS 12, 23A… is iOS 26), for versions whose build we do not list. */
function inventedBuild(major: number, minor: number, patch: number): string {
  const train = major >= 26 ? major - 3 : major + 4;
  return `${train}${String.fromCharCode(65 + Math.min(minor, 25))}${100 + patch}`;
}

function wirelessKeysOf(major: number, minor: number): readonly string[] {
  const keys = ['BonjourFullServiceName', 'SupportsWifi', 'SupportsWifiSyncing'];
  if (major >= 13) keys.push('EnableWifiDebugging');
  if (major > 26 || (major === 26 && minor >= 4)) keys.push('InstanceName');
  return keys;
}
