import { type Clock, monotonicFraction, type ProgressEvent, type ProgressListener } from '@rootcellar/core';
import type { SessionProgress } from '@rootcellar/device';

/** Blocks come by the thousand each second; people see ten. */
const TELL_EVERY_MS = 100;

/** What a person sees of an operation: never backwards, never too often. */
export interface OperationProgress {
  readonly phaseNow: string;
  /** The next phase begins. */
  phase(phase: string, note?: string): void;
  /** A sentence for the owner. */
  note(note: string): void;
  /** To which part of the phone belongs what arrives from now on; `undefined` if nobody knows. */
  arriving(domain: string | undefined): void;
  /** What was put away, of files and bytes. */
  stored(sofar: { readonly files: number; readonly bytes: number }): void;
  /** What has gone over the wire. */
  session(progress: SessionProgress): void;
}

/**
 * @param options.begins the message with which content begins to travel, and the phase it begins. All
 *   that the phone does after it belongs to that phase
 */
export function operationProgress(options: {
  readonly listener: ProgressListener | undefined;
  readonly clock: Clock;
  readonly begins: { readonly message: string; readonly phase: string };
}): OperationProgress {
  const { listener, clock, begins } = options;
  const highest = monotonicFraction();
  let current: ProgressEvent = { phase: '' };
  let domain: string | undefined;
  let toldAtMs = Number.NEGATIVE_INFINITY;

  const tell = (event: ProgressEvent, always: boolean): void => {
    const isNew = event.phase !== current.phase || always;
    current = event;
    const now = clock.now().getTime();
    if (!isNew && now - toldAtMs < TELL_EVERY_MS) return;
    toldAtMs = now;
    listener?.(event);
  };

  return {
    get phaseNow() {
      return current.phase;
    },
    phase(phase, note) {
      const { note: _, domain: __, ...event } = current;
      tell({ ...event, phase, ...(note !== undefined && { note }) }, true);
    },
    note: (note) => tell({ ...current, note }, true),
    arriving: (part) => {
      domain = part;
    },
    stored: ({ files, bytes }) => tell({ ...current, files, bytes }, false),
    session({ message, bytes, files, fraction: told }) {
      const phase = message === begins.message ? begins.phase : current.phase;
      const fraction = highest(told);
      const note = phase === current.phase ? current.note : undefined;
      tell(
        {
          phase,
          bytes,
          files,
          ...(fraction !== undefined && { fraction }),
          ...(phase === begins.phase && domain !== undefined && { domain }),
          ...(note !== undefined && { note }),
        },
        false,
      );
    },
  };
}
