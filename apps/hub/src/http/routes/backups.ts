import { api, type Job } from '@rootcellar/api';
import { Secret } from '@rootcellar/core';
import { type Difference, type KeptBackup, libraryError, zipFolder } from '@rootcellar/operations';
import { maySeeBackups, requireContent } from '../../devices/ownership.ts';
import { publishBackups } from '../../events/publish.ts';
import type { Hub } from '../../hub.ts';
import { jobAnswer } from '../../jobs/job-answer.ts';
import { verifyWork } from '../../jobs/work/verify.ts';
import { backupAnswer } from '../../library/backup-catalogue.ts';
import { hubPlanLine } from '../../plans/plan-sentences.ts';
import { download } from '../download.ts';
import { type Call, type HubRouter, serve } from '../serve-route.ts';

/** A page shows so many; what differs in all is in the sums. */
const DIFFERENCES_SHOWN_MAX = 1000;

const { backups } = api;

export function serveBackups(router: HubRouter, hub: Hub): void {
  serve(router, backups.listBackups, async ({ query }, { person }) => {
    const all = await hub.catalogue.all();
    const seen = all.filter(({ udid }) => maySeeBackups(person, hub.registry.ownerOf(udid)));
    return { backups: seen.filter(({ udid }) => udid === (query.udid ?? udid)).map(backupAnswer) };
  });

  serve(router, backups.readBackup, async ({ params }, { person }) => {
    const kept = await hub.catalogue.find(params.id);
    if (!maySeeBackups(person, hub.registry.ownerOf(kept.udid))) throw libraryError('backup-unknown');
    return { backup: backupAnswer(kept) };
  });

  serve(router, backups.verifyBackup, async ({ params, body }, call) => {
    const kept = await requireBackup(hub, params.id, call);
    return startVerify(hub, kept, body, call);
  });

  serve(router, backups.archiveBackup, async ({ params, body }, call) => {
    const { udid } = await requireBackup(hub, params.id, call);
    const backup = await hub.library.archive(params.id, body.archived);
    await hub.catalogue.renew(udid);
    publishBackups(hub, udid);
    return { backup: backupAnswer(backup) };
  });

  serve(router, backups.downloadFolder, async ({ params: { id } }, call) => {
    const { udid, kind } = await requireBackup(hub, id, call);
    if (kind === 'unfinished') throw libraryError('unfinished');
    const zip = zipFolder(hub.library.openable(id), { signal: call.context.req.raw.signal });
    return download(zip, { contentType: 'application/zip', name: `${udid}.zip` });
  });

  serveDelete(router, hub);
  serveCompare(router, hub);
}

function serveDelete(router: HubRouter, hub: Hub): void {
  serve(router, backups.planDelete, async ({ params: { id } }, call) => {
    const { udid, deviceName, archived } = await requireBackup(hub, id, call);
    if (archived) throw libraryError('archived');
    const freedBytes = await hub.library.freedByDelete(id);
    const others = (await hub.catalogue.all()).filter(
      (kept) => kept.udid === udid && kept.kind !== 'unfinished',
    );
    const line = hubPlanLine(others.some((kept) => kept.id !== id) ? 'others-stay' : 'none-stays');
    const plan = { ...line, kind: 'delete', udid, deviceName, backup: id, freedBytes } as const;
    return { plan: hub.plans.show(plan, call.sessionID) };
  });

  serve(router, backups.deleteBackup, async ({ params: { id }, query }, call) => {
    const { udid } = await requireBackup(hub, id, call);
    const plan = hub.plans.take(query.plan, { kind: 'delete', sessionID: call.sessionID, udid });
    if (plan.backup !== id) throw libraryError('backup-unknown');
    hub.openBackups.closeBackup(id);
    await hub.library.delete(id);
    await hub.catalogue.renew(udid);
    publishBackups(hub, udid);
    return {};
  });
}

function serveCompare(router: HubRouter, hub: Hub): void {
  serve(router, backups.compareBackups, async ({ params, body }, call) => {
    await requireBackup(hub, params.id, call);
    await requireBackup(hub, body.before, call);
    const { password } = body;
    const shown: Difference[] = [];
    let count = 0;
    const compared = await hub.library.compare(
      { before: body.before, after: params.id },
      {
        ...(password !== undefined && { password: async () => new Secret(password) }),
        signal: call.context.req.raw.signal,
        onDifference: (difference) => {
          count += 1;
          if (shown.length < DIFFERENCES_SHOWN_MAX) shown.push(difference);
        },
      },
    );
    return {
      added: compared.added,
      changed: compared.changed,
      removed: compared.removed,
      byApp: Object.fromEntries(compared.byApp),
      byDomain: Object.fromEntries(compared.byDomain),
      differences: shown.map(differenceAnswer),
      differencesLeftOut: count - shown.length,
    };
  });
}

/** Finds a backup that this person may open and change. @throws `library.backup-unknown`, `hub.device-of-another` */
export async function requireBackup(hub: Hub, id: string, { person }: Call): Promise<KeptBackup> {
  const kept = await hub.catalogue.find(id);
  requireContent(person, hub.registry.ownerOf(kept.udid), () => libraryError('backup-unknown'));
  return kept;
}

async function startVerify(
  hub: Hub,
  kept: KeptBackup,
  wanted: { readonly deep: boolean; readonly password?: string | undefined },
  { person }: Call,
): Promise<{ readonly job: Job }> {
  const { id, udid, deviceName, kind } = kept;
  if (kind === 'unfinished') throw libraryError('unfinished');
  const job = await hub.jobs.start({
    kind: 'verify',
    udid,
    deviceName,
    backup: id,
    ownerID: person.id,
    initialState: 'verifying',
    work: verifyWork(hub, kept, wanted),
  });
  return { job: jobAnswer(job, person.id) };
}

function differenceAnswer({ change, before, after }: Difference) {
  const entry = after ?? before;
  return {
    change,
    domain: entry?.domain ?? '',
    path: entry?.relativePath ?? '',
    sizeBytes: Math.max(0, entry?.sizeBytes ?? 0),
  };
}
