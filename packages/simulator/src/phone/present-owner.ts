import type { Clock } from '@rootcellar/core';
import type { Prompts } from './prompts.ts';

/** Long enough for the question to be seen, short enough not to be waited for. */
const REACTION_MS = 400;

/**
 * Somebody who holds the phone: taps Trust and types the passcode soon after being asked.
 *
 * @returns how to send them away
 */
export function presentOwner(options: {
  readonly prompts: Prompts;
  readonly clock: Clock;
  readonly passcode: () => string | undefined;
}): () => void {
  const { prompts, clock, passcode } = options;
  const left = new AbortController();
  const stop = prompts.watch((asked) => {
    void clock.sleep(REACTION_MS, left.signal).then(() => {
      if (left.signal.aborted || prompts.current !== asked) return;
      if (asked.kind === 'trust') prompts.tapTrust();
      else prompts.enterPasscode(passcode() ?? '');
    });
  });
  return () => {
    stop();
    left.abort();
  };
}
