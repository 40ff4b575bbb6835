import { refusals } from '../backup-agent/answers.ts';
import { errorReply } from './error-replies.ts';
import type { Fault, FaultParameter } from './fault.ts';
import { atMoment, beforeEachCall, hostAround, MOMENTS, type Moment } from './host-around.ts';

const AT: FaultParameter = {
  kind: 'choice',
  default: 'midway',
  choices: MOMENTS,
  description: 'begin: before its first word; midway: after the first payloads; end: after the last',
};

const SECONDS_MAX = 24 * 3600;

const disconnectAfterMessages: Fault = {
  name: 'disconnect-after-messages',
  description: 'The backup service hangs up instead of sending one more message.',
  source: 'observed, section 1.6 (cable pulled)',
  times: 1,
  parameters: {
    messages: { kind: 'number', default: 10, min: 0, max: 1e9, description: 'how many it sends' },
  },
  arm: ({ number, strike }) => ({
    wrapHost: (host, run) => {
      let left = number('messages');
      return beforeEachCall(host, () => {
        left -= 1;
        if (left === -1 && strike()) run.hangUp();
      });
    },
  }),
};

const errorCode: Fault = {
  name: 'error-code',
  description: 'The backup service ends with an error of its own, in the exact words of a real phone.',
  source: 'observed, section 4',
  times: 1,
  parameters: {
    code: { kind: 'number', default: 104, min: 1, max: 999, description: 'the number in MBErrorDomain' },
    text: { kind: 'number', default: 1, min: 1, max: 99, description: 'which of its texts, 1 is the first' },
    at: AT,
  },
  arm: ({ number, choice, strike }) => ({
    wrapHost: (host) =>
      atMoment(host, choice('at') as Moment, () => {
        if (strike()) throw errorReply(number('code'), number('text'));
      }),
  }),
};

const silence: Fault = {
  name: 'silence-before-first-message',
  description: 'The phone says nothing for a while, though all is well.',
  source:
    'observed, sections 1.1 and 3 (62 s before the first message, 564 s and more before the first upload)',
  times: 1,
  parameters: {
    seconds: { kind: 'number', default: 62, min: 0, max: SECONDS_MAX, description: 'how long, on its clock' },
    at: { ...AT, default: 'begin' },
  },
  arm: ({ phone, number, choice, strike }) => ({
    wrapHost: (host, run) =>
      atMoment(host, choice('at') as Moment, async () => {
        if (strike()) await phone.clock.sleep(number('seconds') * 1000, run.signal);
      }),
  }),
};

const rebootMidway: Fault = {
  name: 'reboot-midway',
  description: 'The phone restarts in the middle of a backup or restore.',
  source: 'ours: batteries end when they like',
  times: 1,
  parameters: { at: AT },
  arm: ({ phone, choice, strike }) => ({
    wrapHost: (host, run) =>
      atMoment(host, choice('at') as Moment, () => {
        if (!strike()) return;
        run.hangUp();
        void phone.restart();
      }),
  }),
};

const screenLocks: Fault = {
  name: 'screen-locks',
  description: 'The screen locks in the middle of a run, which some phones survive and some do not.',
  source: 'observed, section 4 (104 at 98 to 100 %; not always fatal, libimobiledevice issue 1601)',
  times: 1,
  parameters: {
    at: AT,
    fatal: { kind: 'choice', default: 'no', choices: ['no', 'yes'], description: 'does it end with 104?' },
  },
  arm: ({ phone, choice, strike }) => ({
    wrapHost: (host) => {
      let locked = false;
      const locking = atMoment(host, choice('at') as Moment, () => {
        locked = strike();
        if (locked) phone.lock();
      });
      return atMoment(locking, 'end', () => {
        if (locked && choice('fatal') === 'yes') throw refusals.uploadFailed();
      });
    },
  }),
};

const noRoom: Fault = {
  name: 'no-room',
  description: 'Somebody is full: the phone for a restore, or the computer by an absurd estimate.',
  source: 'observed, sections 1.7 and 4 (11 TB asked for 89 GB, iOS 17.4.1; 105 in both directions)',
  times: 1,
  parameters: {
    neededBytes: {
      kind: 'number',
      default: 11_000_000_000_000,
      min: 1,
      max: 2 ** 50,
      description: 'what the phone claims to need',
    },
  },
  arm: ({ phone, number, strike }) => ({
    wrapHost: (host, { request }) => {
      if (request === 'Restore') {
        return atMoment(host, 'midway', () => {
          const freeBytes = phone.files.capacityBytes - phone.files.usedBytes();
          if (strike()) throw refusals.phoneFull(freeBytes, number('neededBytes'));
        });
      }
      return hostAround(host, {
        freeBytes: async () => {
          const freeBytes = await host.freeBytes();
          if (!strike()) return freeBytes;
          await host.purge(number('neededBytes')).catch(() => {});
          throw refusals.hostFull();
        },
      });
    },
  }),
};

const progressFallsBack: Fault = {
  name: 'progress-falls-back',
  description: 'Progress goes back by twenty percent, and what was sent is sent again.',
  source: 'observed, section 1.2 (85 to 65 % with renewed upload, iOS 9.2.1)',
  times: 1,
  parameters: {},
  arm: ({ strike }) => ({
    wrapHost: (host) =>
      hostAround(host, {
        upload: async (files, totalBytes) => {
          await host.upload(files, totalBytes);
          if (totalBytes === 0 || !strike()) return;
          const reached = host.progress;
          host.progress = Math.max(1, reached - 20);
          await host.upload(files, totalBytes);
          host.progress = reached;
        },
      }),
  }),
};

const emptyDownloadList: Fault = {
  name: 'empty-download-list',
  description: 'The phone asks for no files at all, and waits for the answer.',
  source: 'observed, section 1.2 (in a restore at 97 %, libimobiledevice issue 112)',
  times: 1,
  parameters: { at: { ...AT, default: 'begin' } },
  arm: ({ choice, strike }) => ({
    wrapHost: (host) =>
      atMoment(host, choice('at') as Moment, async () => {
        if (strike()) await host.download([], async () => {});
      }),
  }),
};

const payloadsMissing: Fault = {
  name: 'payloads-missing-at-end',
  description: 'After everything was sent the phone misses files in the backup.',
  source: 'observed, section 1.5 (205 with 14 of 506,993 payloads missing, iOS 26.6)',
  times: 1,
  parameters: {},
  arm: ({ strike }) => ({
    wrapHost: (host) =>
      hostAround(host, {
        list: async (path) => {
          if (host.progress >= 100 && strike()) throw refusals.payloadsMissing();
          return host.list(path);
        },
      }),
  }),
};

/** What the backup service does instead of its duty. */
export const AGENT_FAULTS: readonly Fault[] = [
  disconnectAfterMessages,
  errorCode,
  silence,
  rebootMidway,
  screenLocks,
  noRoom,
  progressFallsBack,
  emptyDownloadList,
  payloadsMissing,
];
