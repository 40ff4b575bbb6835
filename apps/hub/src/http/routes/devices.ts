import { Readable } from 'node:stream';
import { api, type Job } from '@rootcellar/api';
import { recoveryKit } from '@rootcellar/operations';
import { deviceAnswer } from '../../devices/device-answer.ts';
import type { KnownDevice } from '../../devices/device-registry.ts';
import { maySeeState, mayUseContent, requireContent } from '../../devices/ownership.ts';
import { hubError } from '../../errors.ts';
import type { Hub } from '../../hub.ts';
import { jobAnswer } from '../../jobs/job-answer.ts';
import type { JobRequest } from '../../jobs/job-runner.ts';
import { backUpWork } from '../../jobs/work/back-up.ts';
import { encryptionWork } from '../../jobs/work/change-encryption.ts';
import { pairWork } from '../../jobs/work/pair.ts';
import { restorePlanWork, restoreWork } from '../../jobs/work/restore.ts';
import { hubPlanLine } from '../../plans/plan-sentences.ts';
import { download } from '../download.ts';
import { type Call, type HubRouter, serve } from '../serve-route.ts';
import { requireBackup } from './backups.ts';

const { devices } = api;

export function serveDevices(router: HubRouter, hub: Hub): void {
  serve(router, devices.listDevices, async (_, call) => {
    const seen = hub.registry.all().filter(({ ownerID }) => maySeeState(call.person, ownerID));
    return { devices: await Promise.all(seen.map((known) => answer(hub, known, call))) };
  });

  serve(router, devices.readDevice, async ({ params }, call) => ({
    device: await answer(hub, requireSeen(hub, params.udid, call), call),
  }));

  serve(router, devices.changeSettings, async ({ params: { udid }, body }, call) => {
    await requireOwned(hub, udid, call);
    await hub.registry.setSettings(udid, body);
    return { device: await answer(hub, requireSeen(hub, udid, call), call) };
  });

  serve(router, devices.pairDevice, async ({ params: { udid } }, call) => {
    const known = requireSeen(hub, udid, call);
    if (known.ownerID !== null) requireContent(call.person, known.ownerID, () => hubError('device-unknown'));
    const work = pairWork(hub, udid, call.person.id);
    return start(hub, call, { kind: 'pair', udid, initialState: 'waiting-for-trust', work });
  });

  serve(router, devices.backUpDevice, async ({ params: { udid }, body }, call) => {
    await requireOwned(hub, udid, call);
    const work = backUpWork(hub, udid, body);
    return start(hub, call, { kind: 'backup', udid, initialState: 'waiting-for-device', work });
  });

  serve(router, devices.downloadRecoveryKit, async ({ params: { udid } }, { person }) => {
    requireContent(person, hub.registry.ownerOf(udid), () => hubError('device-unknown'));
    const { html } = await recoveryKit({ dataFolder: hub.dataFolder, vault: udid, now: hub.clock.now() });
    const page = Readable.from([Buffer.from(html)]);
    return download(page, { contentType: 'text/html; charset=utf-8', name: `recovery-kit-${udid}.html` });
  });

  serveEncryption(router, hub);
  serveRestore(router, hub);
}

function serveEncryption(router: HubRouter, hub: Hub): void {
  serve(router, devices.planEncryptionOff, async ({ params: { udid } }, call) => {
    const { told } = await requireOwned(hub, udid, call);
    const line = hubPlanLine('without-password');
    const plan = { ...line, kind: 'encryption-off', udid, deviceName: told.name } as const;
    return { plan: hub.plans.show(plan, call.sessionID) };
  });

  serve(router, devices.changeEncryption, async ({ params: { udid }, body }, call) => {
    await requireOwned(hub, udid, call);
    hub.registry.requirePresent(udid);
    if (body.change === 'off') {
      hub.plans.take(body.plan, { kind: 'encryption-off', sessionID: call.sessionID, udid });
    }
    const work = encryptionWork(hub, udid, body);
    return start(hub, call, { kind: 'encryption', udid, initialState: 'preparing', work });
  });
}

function serveRestore(router: HubRouter, hub: Hub): void {
  serve(router, devices.planRestore, async ({ params: { udid }, body }, call) => {
    await requireOwned(hub, udid, call);
    const backup = await requireBackup(hub, body.backup, call);
    const work = restorePlanWork(hub, { ...body, udid, sessionID: call.sessionID });
    return start(hub, call, {
      kind: 'restore-plan',
      udid,
      backup: backup.id,
      initialState: 'planning',
      work,
    });
  });

  serve(router, devices.restoreDevice, async ({ params: { udid }, body }, call) => {
    await requireOwned(hub, udid, call);
    hub.registry.requirePresent(udid);
    const plan = hub.plans.take(body.plan, { kind: 'restore', sessionID: call.sessionID, udid });
    await requireBackup(hub, plan.backup, call);
    const work = restoreWork(hub, plan, body.password);
    return start(hub, call, { kind: 'restore', udid, backup: plan.backup, initialState: 'planning', work });
  });
}

async function start(
  hub: Hub,
  { person }: Call,
  request: Omit<JobRequest, 'ownerID' | 'deviceName'>,
): Promise<{ readonly job: Job }> {
  const { told } = hub.registry.requirePresent(request.udid);
  const job = await hub.jobs.start({ ...request, ownerID: person.id, deviceName: told.name });
  return { job: jobAnswer(job, person.id) };
}

/** @throws `hub.device-unknown` */
function requireSeen(hub: Hub, udid: string, { person }: Call): KnownDevice {
  const known = hub.registry.find(udid);
  if (known === undefined || !maySeeState(person, known.ownerID)) throw hubError('device-unknown');
  return known;
}

/**
 * Whoever works with a phone that is nobody's becomes its owner; if there are backups of it already, only the operator
 * may, who can read the disk anyway.
 *
 * @throws `hub.device-unknown`, `hub.device-of-another`
 */
async function requireOwned(hub: Hub, udid: string, call: Call): Promise<KnownDevice> {
  const known = requireSeen(hub, udid, call);
  if (known.ownerID !== null) {
    requireContent(call.person, known.ownerID, () => hubError('device-unknown'));
    return known;
  }
  const hasBackups = (await hub.catalogue.all()).some((kept) => kept.udid === udid);
  if (hasBackups && !mayUseContent(call.person, null)) throw hubError('device-of-another');
  await hub.registry.claim(udid, call.person.id);
  if (hub.registry.ownerOf(udid) !== call.person.id) throw hubError('device-unknown');
  return requireSeen(hub, udid, call);
}

async function answer(hub: Hub, known: KnownDevice, { person }: Call) {
  const lastGood = await hub.catalogue.lastGood(known.udid).catch(() => undefined);
  const jobID = hub.jobs.atWork(known.udid)?.id;
  return deviceAnswer(known, { person, lastGood, jobID, now: hub.clock.now() });
}
