import { simulatorError } from '../errors.ts';
import { behaviourOf, type SystemBehaviour } from './system-behaviour.ts';

/** A system version, as far as the wire shows it. */
export interface System {
  readonly productVersion: string;
  readonly buildVersion: string;
  readonly major: number;
  /**
   * The newest TLS it offers. No log shows 1.3 from a phone.
   * Source: observed, section 5.1.
   */
  readonly tlsVersionMax: 'TLSv1.2';
  readonly behaviour: SystemBehaviour;
}

export const DEFAULT_PRODUCT_VERSION = '26.1';

const OLDEST = 12;
const NEWEST = 27;

/** After 18 came 26: the numbers follow the years since. */
const LAST_BEFORE_YEARS = 18;
const FIRST_OF_YEARS = 26;

/** Builds as released. */
const BUILDS: Readonly<Record<string, string>> = {
  '12.1.4': '16D57',
  '12.5.7': '16H81',
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
  const isSkipped = major > LAST_BEFORE_YEARS && major < FIRST_OF_YEARS;
  if (!parts || major < OLDEST || major > NEWEST || isSkipped) {
    throw simulatorError('system-unknown', { oldest: OLDEST, newest: NEWEST });
  }
  return {
    productVersion,
    buildVersion:
      BUILDS[productVersion] ?? inventedBuild(major, Number(parts[2] ?? 0), Number(parts[3] ?? 0)),
    major,
    tlsVersionMax: 'TLSv1.2',
    behaviour: behaviourOf(productVersion),
  };
}

/** Of the right form (16A… is iOS 12, 23A… is iOS 26), for versions whose build we do not list. */
function inventedBuild(major: number, minor: number, patch: number): string {
  const train = major >= FIRST_OF_YEARS ? major - 3 : major + 4;
  return `${train}${String.fromCharCode(65 + Math.min(minor, 25))}${100 + patch}`;
}
