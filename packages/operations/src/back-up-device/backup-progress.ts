import { type Clock, monotonicFraction, type ProgressEvent, type ProgressListener } from '@rootcellar/core';
import type { SessionProgress } from '@rootcellar/device';

/** Blocks come by the thousand each second; people see ten. */
const TELL_EVERY_MS = 100;

/** What a message of the phone is about, once it has begun to send. */
const PHASES: Readonly<Record<string, string>> = {
  DLMessageUploadFiles: 'receiving',
  DLMessageMoveItems: 'storing',
  DLMessageMoveFiles: 'storing',
  DLMessageRemoveItems: 'storing',
  DLMessageRemoveFiles: 'storing',
};

/** Turns what happens during a backup into what a person sees; never backwards, never too often. */
export function backupProgress(listener: ProgressListener, clock: Clock) {
  const highest = monotonicFraction();
  let current: ProgressEvent = { phase: 'preparing' };
  let toldAtMs = Number.NEGATIVE_INFINITY;

  const tell = (event: ProgressEvent, always: boolean): void => {
    const isNew = event.phase !== current.phase || always;
    current = event;
    const now = clock.now().getTime();
    if (!isNew && now - toldAtMs < TELL_EVERY_MS) return;
    toldAtMs = now;
    listener(event);
  };
  const withoutNote = ({ note: _, ...event }: ProgressEvent): ProgressEvent => event;

  return {
    phase(phase: string, note?: string): void {
      tell({ ...withoutNote(current), phase, ...(note !== undefined && { note }) }, true);
    },
    note(note: string): void {
      tell({ ...current, note }, true);
    },
    session(progress: SessionProgress): void {
      const begun = current.phase === 'receiving' || current.phase === 'storing';
      // Once all is stored, the phone reads the control files again to make sure.
      const phase = PHASES[progress.message] ?? (begun ? current.phase : 'preparing');
      const waits = current.phase === 'waiting-for-passcode' && phase === 'preparing';
      const fraction = highest(progress.fraction);
      const event = {
        phase: waits ? current.phase : phase,
        bytes: progress.bytes,
        files: progress.files,
        ...(fraction !== undefined && { fraction }),
        ...(waits && current.note !== undefined && { note: current.note }),
      };
      tell(event, false);
    },
  };
}
