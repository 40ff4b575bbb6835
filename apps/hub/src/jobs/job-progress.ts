import { JOB_ENDS, JOB_STATES, type JobProgress, type JobState } from '@rootcellar/api';
import type { ProgressEvent } from '@rootcellar/core';

/** Rates over less are noise. */
const RATE_SPAN_MS = 1_000;

/** How much of an older rate stays in a newer one. */
const RATE_MEMORY = 0.7;

const PHASES: ReadonlySet<string> = new Set(JOB_STATES.filter((state) => !isEnd(state)));

/** What an operation tells, as a job shows it: state, and how fast it goes. */
export class JobProgressMeter {
  #state: JobState;
  #progress: JobProgress = {};
  #rate: number | undefined;
  #measuredMs = 0;
  #measuredBytes = 0;

  constructor(initial: JobState) {
    this.#state = initial;
  }

  get state(): JobState {
    return this.#state;
  }

  get progress(): JobProgress {
    return this.#progress;
  }

  /** @returns whether the state or what the owner has to do is another now */
  hear(event: ProgressEvent, nowMs: number): boolean {
    const before = { state: this.#state, prompt: this.#progress.prompt };
    if (PHASES.has(event.phase)) this.#state = event.phase as JobState;
    if (this.#state !== before.state) this.#rate = undefined;
    this.#measure(event.bytes ?? 0, nowMs);
    const { fraction, bytes, files, domain, note } = event;
    const secondsLeft = this.#secondsLeft(fraction, bytes);
    this.#progress = {
      ...(fraction !== undefined && { fraction }),
      ...(bytes !== undefined && { bytes }),
      ...(files !== undefined && { files }),
      ...(domain !== undefined && { domain }),
      ...(note !== undefined && { note }),
      ...(this.#rate !== undefined && { bytesPerSecond: Math.round(this.#rate) }),
      ...(secondsLeft !== undefined && { secondsLeft }),
      ...(this.#state === 'waiting-for-passcode' && { prompt: 'passcode' as const }),
    };
    return this.#state !== before.state || this.#progress.prompt !== before.prompt;
  }

  /** What the owner has to do that no phase says. */
  ask(state: JobState, prompt: NonNullable<JobProgress['prompt']>): void {
    this.#state = state;
    this.#progress = { prompt };
  }

  #measure(bytes: number, nowMs: number): void {
    if (this.#measuredMs === 0 || bytes < this.#measuredBytes) {
      this.#measuredMs = nowMs;
      this.#measuredBytes = bytes;
      return;
    }
    const spanMs = nowMs - this.#measuredMs;
    if (spanMs < RATE_SPAN_MS) return;
    const rate = ((bytes - this.#measuredBytes) * 1000) / spanMs;
    this.#rate = this.#rate === undefined ? rate : RATE_MEMORY * this.#rate + (1 - RATE_MEMORY) * rate;
    this.#measuredMs = nowMs;
    this.#measuredBytes = bytes;
  }

  #secondsLeft(fraction: number | undefined, bytes: number | undefined): number | undefined {
    if (!this.#rate || !fraction || !bytes || fraction < 0.02) return undefined;
    return Math.round((bytes * (1 / fraction - 1)) / this.#rate);
  }
}

export function isEnd(state: JobState): boolean {
  return (JOB_ENDS as readonly string[]).includes(state);
}
