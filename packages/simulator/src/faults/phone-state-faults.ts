import type { Fault } from './fault.ts';

const clockJump: Fault = {
  name: 'clock-jump',
  description: 'The clock of the phone is wrong.',
  source: 'ours: batteries that were empty, time zones, owners who cheat at games',
  times: 0,
  parameters: {
    minutes: {
      kind: 'number',
      default: -2880,
      min: -20_000_000,
      max: 20_000_000,
      description: 'how far it is ahead; negative is behind',
    },
  },
  arm: ({ number }) => ({ clockOffsetMs: () => number('minutes') * 60_000 }),
};

const snapshotLeftOver: Fault = {
  name: 'snapshot-left-over',
  description: 'An earlier backup has left its file system snapshot; a restart clears it.',
  source: 'observed, sections 1.6 and 4 (error 3, iOS 15.2)',
  times: 1,
  parameters: {},
  arm: ({ phone }) => {
    phone.condition.leftoverSnapshot = true;
    return {};
  },
};

const lateTrustDialogue: Fault = {
  name: 'late-trust-dialogue',
  description: '“Trust This Computer?” appears long after it was asked for.',
  source: 'observed, section 5.5 (20 to 30 s, iPhone 17 Pro, iOS 26.3.1)',
  times: 1,
  parameters: {
    seconds: { kind: 'number', default: 30, min: 0, max: 24 * 3600, description: 'how long after' },
  },
  arm: ({ phone, number, strike }) => ({
    beforeTrustDialogue: async (signal) => {
      if (strike()) await phone.clock.sleep(number('seconds') * 1000, signal);
    },
  }),
};

const allZeroDiskUsage: Fault = {
  name: 'all-zero-disk-usage',
  description: 'Lockdown says 0 for everything about the disk.',
  source: 'observed, section 5.4 (once, iOS 26.6)',
  times: 0,
  parameters: {},
  arm: ({ strike }) => ({
    changeValues: (domain, values) => {
      if (!domain.startsWith('com.apple.disk_usage') || !strike()) return values;
      return Object.fromEntries(Object.keys(values).map((key) => [key, 0]));
    },
  }),
};

/** What is wrong with the phone itself. */
export const PHONE_STATE_FAULTS: readonly Fault[] = [
  clockJump,
  snapshotLeftOver,
  lateTrustDialogue,
  allZeroDiskUsage,
];
