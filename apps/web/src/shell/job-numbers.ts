import type { Job } from '@rootcellar/api';
import type { Catalogue } from '../words/catalogue.ts';
import type { Format } from '../words/format.ts';

/** "about 3 min left", or what is being done while nobody can know. */
export function timeLeft(
  { progress, state }: Pick<Job, 'progress' | 'state'>,
  words: Catalogue['job'],
): string {
  const { secondsLeft } = progress;
  if (secondsLeft === undefined) return words.states[state];
  const minutes = Math.round(secondsLeft / 60);
  return minutes >= 90 ? words.leftHours(Math.round(minutes / 60)) : words.left(minutes);
}

/** What the bytes of a job did. A restore reads all of the backup before it sends any of it. */
export function movementOf({ kind, state }: Pick<Job, 'kind' | 'state'>): 'checked' | 'sent' | 'received' {
  if (kind === 'verify' || kind === 'restore-plan' || state === 'planning') return 'checked';
  return kind === 'restore' ? 'sent' : 'received';
}

/** "18.4 GB", "18.4 of 26.1 GB" where the share is known well enough to tell the whole. */
export function bytesSoFar({ progress }: Pick<Job, 'progress'>, format: Format): string | undefined {
  return progress.bytes === undefined ? undefined : format.bytes(progress.bytes);
}

/** For those who hear it: state and share. */
export function progressText(
  { progress, state }: Pick<Job, 'progress' | 'state'>,
  words: Catalogue['job'],
  format: Format,
): string {
  const name = words.states[state];
  return progress.fraction === undefined ? name : words.progressText(name, format.percent(progress.fraction));
}
