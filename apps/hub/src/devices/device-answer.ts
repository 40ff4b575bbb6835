import type { Device } from '@rootcellar/api';
import type { KeptBackup } from '@rootcellar/operations';
import { backupAnswer } from '../library/backup-catalogue.ts';
import type { PersonRecord } from '../store/people-records.ts';
import { type KnownDevice, trustOf } from './device-registry.ts';
import { maySeeBackups } from './ownership.ts';

const DAY_MS = 24 * 3600 * 1000;

/** A phone as one person may see it. */
export function deviceAnswer(
  known: KnownDevice,
  around: {
    readonly person: Pick<PersonRecord, 'id' | 'isOperator'>;
    readonly lastGood: KeptBackup | undefined;
    readonly jobID: string | undefined;
    readonly now: Date;
  },
): Device {
  const { udid, told, present, settings, ownerID } = known;
  const { person, now } = around;
  const details = present?.details;
  const lastGood = maySeeBackups(person, ownerID) ? around.lastGood : undefined;
  return {
    udid,
    ...told,
    isConnected: present !== undefined,
    connections: [...new Set(present?.device.attachments.map(({ connection }) => connection))],
    trust: trustOf(known),
    lastSeenAt: new Date(known.lastSeenAt).toISOString(),
    space: details?.space ?? null,
    battery: details?.battery ?? null,
    encryptsBackups: details?.encryptsBackups ?? null,
    requiresEncryption: details?.requiresEncryption ?? false,
    isSetUp: details?.isSetUp ?? null,
    ownedBy: ownerID === null ? 'nobody' : ownerID === person.id ? 'you' : 'somebody-else',
    lastBackup: lastGood ? backupAnswer(lastGood) : null,
    isOverdue: ownerID !== null && isOverdue(lastGood?.takenAt, settings.overdueAfterDays, now),
    job: around.jobID ?? null,
    settings,
  };
}

/** Whoever never had a backup is overdue too. */
export function isOverdue(takenAt: Date | undefined, afterDays: number, now: Date): boolean {
  return takenAt === undefined || now.getTime() - takenAt.getTime() > afterDays * DAY_MS;
}
