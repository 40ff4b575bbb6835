import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApartStage, openApartStage } from './apart-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { BY_ITSELF, button, firstVisit, JOB_TIMEOUT_MS } from './steps.ts';

const PASSWORD = 'apples in winter';

/** Events never end, and are listened to below. The document is the same for everybody, with a UDID as an example. */
const ENDLESS_OR_PUBLIC: ReadonlySet<string> = new Set(['/api/events', '/api/openapi.json']);

interface Answer {
  readonly status: number;
  readonly text: string;
}

describeInBrowser('two people at one hub', () => {
  let stage: ApartStage;
  let ann: Page;
  let ben: Page;
  /** Of Ann's, by the names of parameters: what Ben would have to know to ask for it. */
  let hers: Readonly<Record<string, string>>;
  /** What must not be in anything that Ben sees. */
  let secrets: readonly string[];
  beforeAll(async () => {
    stage = await openApartStage({ phones: 2 });
  });
  afterAll(() => stage?.close());

  it('get accounts from whoever runs it, and back up a phone each', async () => {
    const operator = await stage.page();
    await operator.goto(stage.link);
    await operator.goto(`${stage.url}/#/settings`);
    for (const name of ['Ann', 'Ben']) {
      await operator.getByLabel('Name').fill(name);
      await operator.getByLabel('New password').last().fill(PASSWORD);
      await button(operator, 'Add Person').click();
      await operator.getByText(`${name} can sign in now.`).waitFor();
    }
    const [hersUDID = '', hisUDID = ''] = stage.udids;
    ann = await signIn(stage, 'Ann');
    await backUpFirst(ann, stage, hersUDID);
    ben = await signIn(stage, 'Ben');
    await backUpFirst(ben, stage, hisUDID);
    ({ hers, secrets } = await whatIsHers(ann, hersUDID));
  });

  it('see on no page what is of the other', async () => {
    const [hersUDID = ''] = stage.udids;
    const places = ['', '/summary', '/backups', '/browse', '/restore', '/options'].map(
      (tab) => `devices/${hersUDID}${tab}`,
    );
    for (const place of [...places, 'devices', `welcome/${hersUDID}`, 'activity', 'settings']) {
      await ben.goto(`${stage.url}/#/${place}`);
      await ben.reload();
      await ben.getByRole('heading', { level: 1 }).first().waitFor();
      await ben.waitForLoadState('networkidle').catch(() => {});
      const seen = await ben.locator('body').innerText();
      for (const secret of secrets) expect(seen, `${place} shows ${secret}`).not.toContain(secret);
      if (place.startsWith(`devices/${hersUDID}`)) expect(seen).toContain('There is nothing at this address');
    }
  });

  it('get from no route what is of the other, whatever they know of it', async () => {
    const { text } = await ask(ben, '/api/openapi.json');
    const { paths } = JSON.parse(text) as { readonly paths: Readonly<Record<string, object>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []));
    expect(routes.length).toBeGreaterThan(15);
    let answeredHer = 0;
    for (const route of routes.filter((path) => !ENDLESS_OR_PUBLIC.has(path))) {
      const filled = fill(route, hers);
      for (const path of [filled, `${filled}?udid=${hers['udid']}&owner=${hers['udid']}`]) {
        const his = await ask(ben, path);
        for (const secret of secrets) expect(his.text, `${path} tells ${secret}`).not.toContain(secret);
        if (route.includes('{')) expect([400, 404], path).toContain(his.status);
      }
      if (route.includes('{') && (await ask(ann, filled)).status === 200) answeredHer += 1;
    }
    // It is hers that was asked for: she gets it.
    expect(answeredHer).toBeGreaterThan(6);
  });

  it('hear nothing of what the other does', async () => {
    await ben.evaluate(LISTEN);
    await ann.goto(`${stage.url}/#/devices/${hers['udid']}/backups?backup=${hers['backup']}`);
    await button(ann, /^Verify/).click();
    await ann.getByRole('table').getByText('Whole').waitFor({ timeout: JOB_TIMEOUT_MS });
    const heard = (await ben.evaluate('window.heard')) as string;
    expect(heard).toContain('event: reset');
    for (const secret of secrets) expect(heard).not.toContain(secret);
  });
});

/** Everything that the hub says of itself, as it comes. */
const LISTEN = `(async () => {
  window.heard = '';
  const answer = await fetch('/api/events');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const listen = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      window.heard += value;
    }
  };
  void listen();
})()`;

async function signIn(stage: ApartStage, name: string): Promise<Page> {
  const page = await stage.page();
  await page.goto(stage.url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').first().fill(PASSWORD);
  await button(page, 'Sign In').click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}

async function backUpFirst(page: Page, stage: ApartStage, udid: string): Promise<void> {
  await page.goto(`${stage.url}/#/welcome/${udid}`);
  await firstVisit(page, BY_ITSELF);
}

/** As a page asks: with its cookie. With a body it changes something. */
async function ask(page: Page, path: string, body?: object): Promise<Answer> {
  const init = body && { method: 'POST', headers: { 'x-rootcellar': '1' }, body: JSON.stringify(body) };
  const asking = `fetch(${JSON.stringify(path)}, ${JSON.stringify(init ?? {})})`;
  return page.evaluate(
    `${asking}.then(async (answer) => ({ status: answer.status, text: await answer.text() }))`,
  );
}

/** Ids of all kinds, and words that only her answers have. */
async function whatIsHers(ann: Page, udid: string) {
  const read = async (path: string, body?: object) => JSON.parse((await ask(ann, path, body)).text);
  const { device } = await read(`/api/devices/${udid}`);
  const { jobs } = await read(`/api/jobs?udid=${udid}`);
  const { backups } = await read(`/api/backups?udid=${udid}`);
  const backup = String(backups[0].id);
  const { browse } = await read(`/api/backups/${backup}/open`, {});
  const { files } = await read(`/api/browse/${browse.id}/files?domain=CameraRollDomain&kind=file&limit=1`);
  const { selection } = await read(`/api/browse/${browse.id}/selections`, { domain: 'CameraRollDomain' });
  const job = String(jobs[0].id);
  const { fileID } = files[0];
  return {
    hers: { udid, backup, job, browse: browse.id, fileID, selection, path: `phones/${udid}` },
    secrets: [udid, device.name, device.serialNumber, backup, job].map(String),
  };
}

function fill(route: string, hers: Readonly<Record<string, string>>): string {
  const isJob = route.startsWith('/api/jobs/');
  return route.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(hers[name === 'id' ? (isJob ? 'job' : 'backup') : name] ?? ''),
  );
}
