import type { Clock } from '@rootcellar/core';
import type { Fault, FaultParameter } from './fault.ts';
import { PacedStream } from './paced-stream.ts';

const BACKUP_SERVICE = 'com.apple.mobilebackup2';

const SERVICE: FaultParameter = {
  kind: 'choice',
  default: BACKUP_SERVICE,
  choices: [
    BACKUP_SERVICE,
    'com.apple.afc',
    'com.apple.mobile.installation_proxy',
    'com.apple.mobile.notification_proxy',
    'com.apple.mobile.heartbeat',
    'com.apple.springboardservices',
    'any',
  ],
  description: 'the service whose connections it strikes',
};

const BYTES_MAX = 2 ** 48;
const MS_MAX = 24 * 3600 * 1000;

function count(description: string, preset: number, max = BYTES_MAX): FaultParameter {
  return { kind: 'number', default: preset, min: 0, max, description };
}

function concerns(chosen: string, service: string): boolean {
  return chosen === 'any' || chosen === service;
}

/** How a connection ends that was pulled. */
class Pulled extends Error {}

const disconnectAfterBytes: Fault = {
  name: 'disconnect-after-bytes',
  description: 'The connection breaks after so many bytes in both directions together.',
  source: 'observed, section 1.6 (cable pulled during an upload)',
  times: 1,
  parameters: { bytes: count('how many pass', 100_000), service: SERVICE },
  arm: ({ number, choice, strike }) => ({
    wrapStream: (stream, service) => {
      if (!concerns(choice('service'), service)) return stream;
      let left = number('bytes');
      return new PacedStream(stream, async function* (bytes) {
        const whole = left >= bytes.length;
        const passed = whole ? bytes : bytes.subarray(0, left);
        left -= passed.length;
        yield passed;
        if (whole) return;
        if (strike()) throw new Pulled();
        left = Number.POSITIVE_INFINITY;
        yield bytes.subarray(passed.length);
      });
    },
  }),
};

const stall: Fault = {
  name: 'stall',
  description: 'Nothing passes any more after so many bytes, for a time or for ever.',
  source: 'observed, section 6 (a frozen transfer without socket error)',
  times: 1,
  parameters: {
    bytes: count('how many pass before', 100_000),
    seconds: count('how long nothing passes; 0 is for ever', 0, MS_MAX / 1000),
    service: SERVICE,
  },
  arm: ({ phone, number, choice, strike }) => ({
    wrapStream: (stream, service) => {
      if (!concerns(choice('service'), service)) return stream;
      let left = number('bytes');
      let struck = false;
      return new PacedStream(stream, async function* (bytes, signal) {
        left -= bytes.length;
        if (left <= 0 && !struck && strike()) {
          struck = true;
          await still(phone.clock, number('seconds'), signal);
        }
        yield bytes;
      });
    },
  }),
};

const agentHangs: Fault = {
  name: 'agent-hangs',
  description: 'The backup service takes the connection and never says a word.',
  source: 'observed, section 1.1 (version exchange never sent while an older session is open)',
  times: 1,
  parameters: {},
  arm: ({ phone, strike }) => ({
    wrapStream: (stream, service) => {
      if (service !== BACKUP_SERVICE || !strike()) return stream;
      return new PacedStream(stream, async function* (bytes, signal) {
        await still(phone.clock, 0, signal);
        yield bytes;
      });
    },
  }),
};

const slowLink: Fault = {
  name: 'slow-link',
  description: 'The connection carries so many bytes a second and no more.',
  source: 'observed, section 3 (throughput: 16 to 24 MiB/s by Wi-Fi, 8 to 50 MB/s by cable)',
  times: 0,
  parameters: {
    bytesPerSecond: { ...count('the rate', 18 * 1024 * 1024), min: 1 } as FaultParameter,
    service: { ...SERVICE, default: 'any' },
  },
  arm: ({ phone, number, choice, strike }) => ({
    wrapStream: (stream, service) => {
      if (!concerns(choice('service'), service) || !strike()) return stream;
      return new PacedStream(stream, async function* (bytes, signal) {
        const step = Math.max(1, Math.floor(number('bytesPerSecond') / 10));
        for (let at = 0; at < bytes.length; at += step) {
          const piece = bytes.subarray(at, at + step);
          await phone.clock.sleep((piece.length / number('bytesPerSecond')) * 1000, signal);
          yield piece;
        }
      });
    },
  }),
};

const jitter: Fault = {
  name: 'jitter',
  description: 'Every piece of data comes late by a random time, and pieces are cut at random.',
  source: 'ours: what Wi-Fi does to any stream',
  times: 0,
  parameters: { msMax: count('the longest delay', 20, MS_MAX), service: { ...SERVICE, default: 'any' } },
  arm: ({ phone, random, number, choice, strike }) => ({
    wrapStream: (stream, service) => {
      if (!concerns(choice('service'), service) || !strike()) return stream;
      return new PacedStream(stream, async function* (bytes, signal) {
        const cut = random.below(bytes.length + 1);
        for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
          await phone.clock.sleep(random.below(number('msMax') + 1), signal);
          if (piece.length > 0) yield piece;
        }
      });
    },
  }),
};

const lateServiceTls: Fault = {
  name: 'late-service-tls',
  description: 'Services take connections, but begin to speak, TLS included, only after a while.',
  source: 'observed, sections 0 and 3 (up to 60 s after a reboot, iOS 27)',
  times: 1,
  parameters: { seconds: count('how long', 60, MS_MAX / 1000), service: SERVICE },
  arm: ({ phone, number, choice, strike }) => ({
    beforeService: async (service, signal) => {
      if (concerns(choice('service'), service) && strike())
        await phone.clock.sleep(number('seconds') * 1000, signal);
    },
  }),
};

/** @param seconds 0 is until the connection ends */
function still(clock: Clock, seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds > 0) return clock.sleep(seconds * 1000, signal);
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What happens to bytes, whatever they mean. */
export const WIRE_FAULTS: readonly Fault[] = [
  disconnectAfterBytes,
  stall,
  slowLink,
  jitter,
  agentHangs,
  lateServiceTls,
];
