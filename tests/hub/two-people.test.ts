import { api, isContent, ROUTES, type Route } from '@rootcellar/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  backUpThroughHub,
  backupOf,
  type HubStage,
  openHubStage,
  pairThroughHub,
  untilDevice,
  untilJob,
  type Visitor,
} from './hub-stage.ts';

let stage: HubStage;
let operator: Visitor;
let ann: Visitor;
let ben: Visitor;
/** Of Ann's: what others would have to know to ask for it. */
const hers: Record<string, string> = {};
let phoneOfBen: string;

beforeAll(async () => {
  stage = await openHubStage({ others: [{ seed: 'other' }] });
  operator = await stage.signInByLink();
  ann = await stage.newPerson('Ann');
  ben = await stage.newPerson('Ben');
  phoneOfBen = stage.simulator.phones[1]?.identity.udid ?? '';
  await pairThroughHub(ann, stage.udid);
  await pairThroughHub(ben, phoneOfBen);
  const job = await backUpThroughHub(ann, stage.udid);
  await backUpThroughHub(ben, phoneOfBen);
  const id = backupOf(job);
  const { browse } = await ann.call(api.browse.openBackup, { params: { id }, body: {} });
  const { files } = await ann.call(api.browse.listFiles, {
    params: { browse: browse.id },
    query: { domain: 'CameraRollDomain', kind: 'file', limit: 1 },
  });
  const chosen = await ann.call(api.browse.selectFiles, {
    params: { browse: browse.id },
    body: { domain: 'CameraRollDomain' },
  });
  Object.assign(hers, {
    udid: stage.udid,
    backup: id,
    job: job.id,
    browse: browse.id,
    fileID: files[0]?.fileID ?? '',
    selection: chosen.selection,
    path: `phones/${stage.udid}/files`,
  });
});
afterAll(() => stage.close());

/** A request for what is Ann's. */
function requestFor(route: Route): { readonly path: string; readonly init: RequestInit } {
  const isJob = route.path.startsWith('/api/jobs/');
  const theOne = (name: string) => hers[name === 'id' ? (isJob ? 'job' : 'backup') : name] ?? '';
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => theOne(name));
  const query = route.name === 'deleteBackup' ? '?plan=x' : '';
  const bodies: Readonly<Record<string, object>> = {
    changeSettings: { automatic: true, overdueAfterDays: 1, keepOn: 'this-computer' },
    changeEncryption: { change: 'on', newPassword: 'mine now' },
    planRestore: { backup: hers['backup'] },
    restoreDevice: { plan: 'x' },
    archiveBackup: { archived: true },
    compareBackups: { before: hers['backup'] },
  };
  const hasBody = route.method === 'post' || route.method === 'put';
  return {
    path: path + query,
    init: {
      method: route.method.toUpperCase(),
      ...(hasBody && { body: JSON.stringify(bodies[route.name] ?? {}) }),
    },
  };
}

/** Routes that name something of somebody. */
const personal = ROUTES.filter(({ path }) => path.includes('{'));

describe('of a phone of somebody else', () => {
  test.each(personal)('$name tells a stranger nothing, not even that it is there', async (route) => {
    const { path, init } = requestFor(route);
    const answer = await ben.ask(path, init);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain(hers['udid']);
  });

  /** State and sizes, which the operator sees. */
  const STATE = new Set(['readDevice', 'readJob', 'readBackup']);

  test.each(personal)('$name shows the operator no content, and changes nothing', async (route) => {
    const { path, init } = requestFor(route);
    const answer = await operator.ask(path, init);
    if (STATE.has(route.name)) expect(answer.status).toBe(200);
    else expect([403, 404]).toContain(answer.status);
    expect(isContent(route.answer) && answer.ok).toBe(false);
  });

  test('lists show it to its owner and, as state, to the operator', async () => {
    const seenBy = async (who: Visitor) => ({
      devices: (await who.call(api.devices.listDevices)).devices.map(({ udid }) => udid),
      backups: (await who.call(api.backups.listBackups, {})).backups.map(({ udid }) => udid),
      jobs: (await who.call(api.jobs.listJobs, { query: {} })).jobs.map(({ udid }) => udid),
      ledger: (await who.call(api.ledger.readLedger, { query: {} })).entries.map(({ udid }) => udid),
      simulator: (
        (await (await who.ask('/api/simulator/phones')).json()) as { phones: { udid: string }[] }
      ).phones.map(({ udid }) => udid),
    });
    const ofBen = JSON.stringify(await seenBy(ben));
    expect(ofBen).toContain(phoneOfBen);
    expect(ofBen).not.toContain(stage.udid);
    const ofOperator = await seenBy(operator);
    for (const list of Object.values(ofOperator)) expect(list).toContain(stage.udid);
  });

  test('the operator does not read what a check found in it', async () => {
    const params = { id: hers['backup'] ?? '' };
    const { job } = await ann.call(api.backups.verifyBackup, { params, body: {} });
    expect((await untilJob(ann, job)).result).not.toBeNull();
    expect((await untilJob(operator, job)).result).toBeNull();
  });

  test('events of it go to its owner, and not to a stranger', async () => {
    const [hersOpen, hisOpen] = await Promise.all([ann.ask('/api/events'), ben.ask('/api/events')]);
    const over = new AbortController();
    const [herEvents, hisEvents] = [readUntil(hersOpen, over.signal), readUntil(hisOpen, over.signal)];
    await backUpThroughHub(ann, stage.udid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    over.abort();
    expect(await herEvents).toMatch(/event: job\ndata: .*"state":"done"/);
    expect(await hisEvents).toContain('event: reset');
    expect(await hisEvents).not.toContain(stage.udid);
  });

  test('which nobody owns is the operator\u2019s if there are backups of it, and the first one\u2019s if not', async () => {
    const late = await openHubStage({ seed: 'unowned' });
    try {
      const [owner, cleo] = [await late.signInByLink(), await late.newPerson('Cleo')];
      await untilDevice(cleo, late.udid);
      const { device } = await cleo.call(api.devices.readDevice, { params: { udid: late.udid } });
      expect(device.ownedBy).toBe('nobody');
      await pairThroughHub(cleo, late.udid);
      const { devices } = await owner.call(api.devices.listDevices);
      expect(devices.map(({ ownedBy }) => ownedBy)).toEqual(['somebody-else']);
    } finally {
      await late.close();
    }
  });
});

/** What a stream says until nobody wants to hear more. */
async function readUntil(answer: Response, over: AbortSignal): Promise<string> {
  const reader = answer.body?.getReader();
  over.addEventListener('abort', () => void reader?.cancel());
  let text = '';
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) return text;
    text += Buffer.from(next.value).toString();
  }
}
