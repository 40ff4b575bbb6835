import type { Clock } from '@rootcellar/core';
import type { Prompt, Prompts } from './prompts.ts';

/**
 * Who holds the phone.
 *
 * - `present`: taps Trust, and types the right passcode
 * - `mistypes`: the same, but types a wrong passcode twice before
 * - `forgets`: trusts the computer, but never types the passcode when a backup asks for it
 * - `denies`: taps Don't Trust
 * - `absent`: nobody; questions wait for the control address
 */
export const OWNERS = ['present', 'mistypes', 'forgets', 'denies', 'absent'] as const;
export type OwnerKind = (typeof OWNERS)[number];

/** Long enough for the question to be seen, short enough not to be waited for. */
const REACTION_MS = 400;

const TYPING_ERRORS = 2;

interface OwnerOptions {
  readonly kind: OwnerKind;
  readonly prompts: Prompts;
  readonly clock: Clock;
  readonly passcode: () => string | undefined;
}

/**
 * Somebody who answers soon after being asked, as is their way.
 *
 * @returns how to send them away
 */
export function presentOwner(options: OwnerOptions): () => void {
  const { kind, prompts, clock } = options;
  if (kind === 'absent') return () => {};
  const left = new AbortController();
  const stop = prompts.watch((asked) => {
    void clock.sleep(REACTION_MS, left.signal).then(() => {
      if (!left.signal.aborted && prompts.current === asked) react(asked, options);
    });
  });
  return () => {
    stop();
    left.abort();
  };
}

function react(asked: Prompt, { kind, prompts, passcode }: OwnerOptions): void {
  if (asked.kind === 'trust') {
    if (kind === 'denies') prompts.tapDeny();
    else prompts.tapTrust();
    return;
  }
  if (kind === 'forgets' && asked.reason !== 'trust') return;
  const code = passcode() ?? '';
  const errors = kind === 'mistypes' ? TYPING_ERRORS : 0;
  for (let tries = 0; tries < errors; tries += 1) prompts.enterPasscode(`${code}0`);
  prompts.enterPasscode(code);
}
