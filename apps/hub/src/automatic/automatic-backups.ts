import { randomUUID } from 'node:crypto';
import { appendToLedger, readLedger } from '@rootcellar/operations';
import { isOverdue } from '../devices/device-answer.ts';
import { type KnownDevice, trustOf } from '../devices/device-registry.ts';
import { hubError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { backUpWork } from '../jobs/work/back-up.ts';

/**
 * "At most once a day", and not later each day: who plugs the phone in a little earlier than yesterday is meant too.
 * More often would be a nuisance, because the phone asks for its passcode each time.
 */
const ONCE_IN_MS = 20 * 3600 * 1000;

const LOOK_FOR_MISSING_MS = 3600 * 1000;

/** Looked at for a note that was made already. */
const ENTRIES_LOOKED_AT = 2000;

/** Why nothing was begun, for the ledger. */
const REASONS = {
  'not-connected': 'The iPhone was not connected, so no backup was made by itself.',
  locked: 'The iPhone was connected, but has to be unlocked once before it can be backed up.',
  'not-trusted': 'The iPhone was connected, but does not trust this computer.',
} as const;

/**
 * A phone was plugged in: backs it up if its owner wants that and the last time was long enough ago. It asks for the
 * passcode at this moment because the owner holds it now; if nobody enters it, it is not asked again until tomorrow.
 */
export async function backUpAutomatically(hub: Hub, udid: string): Promise<void> {
  const known = hub.registry.find(udid);
  if (known?.ownerID == null || !known.settings.automatic || !(await isDue(hub, known))) return;
  await hub.registry.setAutomaticAt(udid);
  const trust = trustOf(known);
  if (trust === 'locked') return noteMissing(hub, udid, 'locked');
  if (trust !== 'trusted') return noteMissing(hub, udid, 'not-trusted');
  try {
    await hub.jobs.start({
      kind: 'backup',
      udid,
      ownerID: known.ownerID,
      deviceName: known.told.name,
      startedBy: 'automatic',
      initialState: 'waiting-for-device',
      work: backUpWork(hub, udid, { full: false }),
    });
  } catch (error) {
    // Whoever works with it now was asked for by a person.
    if (!hubError.matches(error, 'device-working')) throw error;
  }
}

/** Notes each day which phones are overdue because they do not come. Ends when `signal` aborts. */
export async function noteMissingPhones(hub: Hub, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await hub.clock.sleep(LOOK_FOR_MISSING_MS, signal);
    if (signal.aborted) return;
    for (const known of hub.registry.all()) {
      if (known.present || known.ownerID === null || !known.settings.automatic) continue;
      const lastGood = await hub.catalogue.lastGood(known.udid).catch(() => undefined);
      const { overdueAfterDays } = known.settings;
      if (!isOverdue(lastGood?.takenAt, overdueAfterDays, hub.clock.now())) continue;
      if (!(await isNoted(hub, known.udid))) await noteMissing(hub, known.udid, 'not-connected');
    }
  }
}

async function isDue(hub: Hub, { udid, automaticAt }: KnownDevice): Promise<boolean> {
  const since = hub.clock.now().getTime() - ONCE_IN_MS;
  if (automaticAt !== null && automaticAt > since) return false;
  const lastGood = await hub.catalogue.lastGood(udid).catch(() => undefined);
  return (lastGood?.takenAt?.getTime() ?? 0) <= since;
}

function noteMissing(hub: Hub, udid: string, reason: keyof typeof REASONS): Promise<void> {
  return appendToLedger(hub.dataFolder, {
    id: randomUUID(),
    at: hub.clock.now().toISOString(),
    by: 'automatic',
    operation: 'backup',
    udid,
    outcome: 'did-not-happen',
    reason: `automatic.${reason}`,
    happened: REASONS[reason],
    yourData: 'What was backed up before is as it was.',
    dataState: 'unchanged',
  });
}

async function isNoted(hub: Hub, udid: string): Promise<boolean> {
  const since = hub.clock.now().getTime() - ONCE_IN_MS;
  let count = 0;
  for await (const entry of readLedger(hub.dataFolder)) {
    if (++count > ENTRIES_LOOKED_AT || Date.parse(entry.at) < since) return false;
    if (entry.udid === udid && entry.reason === 'automatic.not-connected') return true;
  }
  return false;
}
