import { CHECKS, type Check, type CheckCode } from './findings.ts';

/** What nobody has looked at: the beginning of a sentence. */
const SUBJECTS: Readonly<Record<CheckCode, string>> = {
  'usb-service': 'Whether the service that finds iPhones runs',
  'usb-service-answers': 'Whether that service answers',
  'device-attached': 'Whether an iPhone or iPad is connected',
  'lockdown-reachable': 'Whether an iPhone answers',
  trusted: 'Whether it trusts this computer',
  session: 'Whether a secure connection can be made',
  services: 'Whether what a backup needs can be started',
  unlocked: 'Whether it is unlocked',
  'data-folder': 'Whether Rootcellar can write where it keeps its state',
  'free-space': 'Whether there is enough free space',
  secrets: 'Whether what opens the vaults can be had',
  vaults: 'Whether the vaults are where they were',
};

/** What has to be before anything after it can be looked at: its end. */
const CONDITIONS: Readonly<Record<CheckCode, string>> = {
  'usb-service': 'the service that finds iPhones has to run',
  'usb-service-answers': 'the service that finds iPhones has to answer',
  'device-attached': 'an iPhone has to be connected',
  'lockdown-reachable': 'it has to answer, in its normal mode',
  trusted: 'it has to trust this computer',
  session: 'a secure connection has to be made',
  services: 'the functions that a backup needs have to start',
  unlocked: 'it has to be unlocked',
  'data-folder': 'Rootcellar has to be able to write',
  'free-space': 'there has to be free space',
  secrets: 'what opens the vaults has to be within reach',
  vaults: 'the vaults have to be where they were',
};

/**
 * A check that could not be made, with the reason, which is also what to do.
 *
 * @param made the checks that were: the first problem among them stands in the way
 */
export function notLookedAt(code: CheckCode, made: readonly Check[]): Check {
  const problems = new Set(made.flatMap((check) => (check.state === 'problem' ? [check.code] : [])));
  const inTheWay = CHECKS.find((candidate) => problems.has(candidate));
  const because = inTheWay === undefined ? 'what is before it has to be in order' : CONDITIONS[inTheWay];
  return {
    code,
    finding: 'not-looked-at',
    state: 'unknown',
    sentence: `${SUBJECTS[code]} is not known yet: ${because} first.`,
  };
}
