import type { Clock } from '@rootcellar/core';
import type { NotificationCenter, Owner, PasscodeReason } from './phone.ts';

/** What is on the screen and waits for the person who holds the phone. */
export type Prompt =
  | { readonly kind: 'trust' /** How the computer calls itself, if it does. */; readonly computer?: string }
  | { readonly kind: 'passcode'; readonly reason: PasscodeReason };

export type PromptAnswer = 'trusted' | 'denied' | 'entered' | 'cancelled' | 'ignored' | 'withdrawn';

/** Nobody typed the passcode. Source: observed, section 0: ErrorCode 208 after 180 s. */
const PASSCODE_MS_MAX = 180_000;

/** Darwin notifications around the passcode screen. Source: libimobiledevice, `tools/idevicebackup2.c`. */
const SCREEN_SHOWN = 'com.apple.LocalAuthentication.ui.presented';
const SCREEN_GONE = 'com.apple.LocalAuthentication.ui.dismissed';

interface Shown {
  readonly prompt: Prompt;
  readonly answer: (answer: PromptAnswer) => void;
}

/**
 * The questions on the screen, one at a time: asked by services, answered by the owner or, for an
 * owner who is absent, by whoever uses the control address.
 */
export class Prompts implements Owner {
  readonly #clock: Clock;
  readonly #notifications: NotificationCenter;
  readonly #passcode: () => string | undefined;
  readonly #watchers = new Set<(prompt: Prompt) => void>();
  #shown: Shown | undefined;
  #free: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly clock: Clock;
    readonly notifications: NotificationCenter;
    readonly passcode: () => string | undefined;
  }) {
    this.#clock = options.clock;
    this.#notifications = options.notifications;
    this.#passcode = options.passcode;
  }

  get current(): Prompt | undefined {
    return this.#shown?.prompt;
  }

  /** Calls `watcher` whenever a question appears. @returns how to stop */
  watch(watcher: (prompt: Prompt) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async askPasscode(
    reason: PasscodeReason,
    signal: AbortSignal,
  ): Promise<'entered' | 'ignored' | 'cancelled'> {
    if (this.#passcode() === undefined) return 'entered';
    const answer = await this.#ask({ kind: 'passcode', reason }, signal, PASSCODE_MS_MAX);
    return answer === 'entered' || answer === 'ignored' ? answer : 'cancelled';
  }

  /** "Trust This Computer?", and then the passcode. `withdrawn` when the cable was pulled. */
  async askTrust(
    computer: string | undefined,
    signal: AbortSignal,
  ): Promise<'trusted' | 'denied' | 'ignored' | 'withdrawn'> {
    const tapped = await this.#ask({ kind: 'trust', ...(computer && { computer }) }, signal);
    if (tapped !== 'trusted') return tapped === 'denied' ? 'denied' : 'withdrawn';
    const typed = await this.askPasscode('trust', signal);
    if (typed === 'entered') return 'trusted';
    if (signal.aborted) return 'withdrawn';
    return typed === 'ignored' ? 'ignored' : 'denied';
  }

  /** @returns false if the screen does not ask for trust */
  tapTrust(): boolean {
    return this.#answer('trust', 'trusted');
  }

  /** @returns false if the screen does not ask for trust */
  tapDeny(): boolean {
    return this.#answer('trust', 'denied');
  }

  /** A wrong passcode leaves the screen as it is. */
  enterPasscode(code: string): 'entered' | 'wrong' | 'not-asked' {
    if (this.current?.kind !== 'passcode') return 'not-asked';
    const passcode = this.#passcode();
    if (passcode !== undefined && code !== passcode) return 'wrong';
    this.#answer('passcode', 'entered');
    return 'entered';
  }

  /** Cancels the passcode screen, or declines trust. @returns false if nothing is asked */
  cancel(): boolean {
    return this.#answer('passcode', 'cancelled') || this.tapDeny();
  }

  #answer(kind: Prompt['kind'], answer: PromptAnswer): boolean {
    if (this.#shown?.prompt.kind !== kind) return false;
    this.#shown.answer(answer);
    return true;
  }

  async #ask(prompt: Prompt, signal: AbortSignal, expiresMs?: number): Promise<PromptAnswer> {
    const before = this.#free;
    let leave = (): void => {};
    this.#free = new Promise((resolve) => {
      leave = resolve;
    });
    try {
      await before;
      if (signal.aborted) return 'withdrawn';
      return await this.#show(prompt, signal, expiresMs);
    } finally {
      leave();
    }
  }

  async #show(prompt: Prompt, signal: AbortSignal, expiresMs: number | undefined): Promise<PromptAnswer> {
    const over = new AbortController();
    const answered = new Promise<PromptAnswer>((resolve) => {
      this.#shown = { prompt, answer: resolve };
      const withdraw = (): void => resolve('withdrawn');
      signal.addEventListener('abort', withdraw, { once: true, signal: over.signal });
      if (expiresMs !== undefined) {
        void this.#clock.sleep(expiresMs, over.signal).then(() => resolve('ignored'));
      }
    });
    if (prompt.kind === 'passcode') this.#notifications.post(SCREEN_SHOWN);
    for (const watcher of [...this.#watchers]) watcher(prompt);
    try {
      return await answered;
    } finally {
      this.#shown = undefined;
      over.abort();
      if (prompt.kind === 'passcode') this.#notifications.post(SCREEN_GONE);
    }
  }
}
