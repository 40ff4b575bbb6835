import type { Clock } from '@rootcellar/core';
import type { Attachment } from '../mux/attachments.ts';

/**
 * How long a computer on the network may be silent. Our choice, twice the interval and some slack; Unknown: how
 * soon a phone acts. Source: device-protocols, section 5.4 (a missing heartbeat closes this host's other services).
 */
const SILENT_MS_MAX = 25_000;

/** Which computers on the network are still there, by what they answer to the heartbeat service. */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #lastBeatMs = new WeakMap<Attachment, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The computer has answered. */
  beat(attachment: Attachment): void {
    this.#lastBeatMs.set(attachment, this.#clock.now().getTime());
  }

  /**
   * Aborts with the attachment; over the network also when the heartbeat is missing.
   *
   * @param ended aborts when the conversation is over and nobody needs to be watched any more
   */
  signalFor(attachment: Attachment, ended: AbortSignal): AbortSignal {
    if (attachment.connection === 'USB') return attachment.signal;
    const missing = new AbortController();
    void this.#watch(attachment, AbortSignal.any([ended, attachment.signal]), missing);
    return AbortSignal.any([attachment.signal, missing.signal]);
  }

  async #watch(attachment: Attachment, over: AbortSignal, missing: AbortController): Promise<void> {
    const startMs = this.#clock.now().getTime();
    while (!over.aborted) {
      const aliveMs = Math.max(startMs, this.#lastBeatMs.get(attachment) ?? 0);
      const leftMs = aliveMs + SILENT_MS_MAX - this.#clock.now().getTime();
      if (leftMs <= 0) return missing.abort('unplugged');
      await this.#clock.sleep(leftMs, over);
    }
  }
}
