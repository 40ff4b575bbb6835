import type { Device, Job } from '@rootcellar/api';
import type { Catalogue } from '../words/catalogue.ts';
import type { Format } from '../words/format.ts';

export interface DeviceState {
  readonly text: string;
  readonly tone: '' | 'wait' | 'danger' | 'touch';
}

interface Spoken {
  readonly words: Catalogue;
  readonly format: Format;
}

/** The one line below a phone in the list of places: the most urgent thing there is to say. */
export function deviceState(
  device: Device,
  job: Job | undefined,
  now: Date,
  { words, format }: Spoken,
): DeviceState {
  const { shell } = words;
  if (job?.progress.prompt === 'passcode') return { text: shell.enterPasscode, tone: 'wait' };
  if (job?.progress.prompt === 'trust') return { text: shell.tapTrust, tone: 'wait' };
  if (job !== undefined) return { text: workText(job, { words, format }), tone: 'touch' };
  if (device.isConnected && device.trust === 'not-trusted')
    return { text: shell.waitsForTrust, tone: 'wait' };
  if (device.isOverdue && device.lastBackup !== null) return { text: shell.overdue, tone: 'wait' };
  const takenAt = device.lastBackup?.takenAt;
  if (takenAt) return { text: shell.backedUp(format.age(takenAt, now)), tone: '' };
  return { text: shell.neverBackedUp, tone: '' };
}

function workText(job: Job, { words, format }: Spoken): string {
  const { fraction } = job.progress;
  if (job.kind !== 'backup' || fraction === undefined) return words.job.states[job.state];
  return words.shell.working(format.percent(fraction));
}
