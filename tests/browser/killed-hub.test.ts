import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApartStage } from './apart-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { lookAt } from './look.ts';
import { button, factsAreTold, JOB_TIMEOUT_MS, openTab, untilReceiving } from './steps.ts';
import { openVisitedStage } from './visited-stage.ts';

describeInBrowser('a hub that is killed while it backs up', () => {
  let stage: ApartStage;
  let page: Page;
  const [lost, stopped] = ['The hub does not answer', /^The backup of .* stopped$/] as const;
  beforeAll(async () => {
    ({ stage, page } = await openVisitedStage());
  });
  afterAll(() => stage?.close());

  it('is missed by the page, which says so and of when it is', async () => {
    await stage.ask(`/phones/${stage.udid}/live`, { days: 1 });
    // If the hub is killed before, it is the next backup that waits so long.
    await stage.holdBackup(stage.udid, { afterBytes: 400_000, seconds: 30 });
    await button(page, 'Back Up Now').click();
    await untilReceiving(page);
    expect(await page.getByText(lost).count()).toBe(0);
    await stage.killHub();
    const note = page.getByRole('alert').filter({ hasText: lost });
    await note.getByText(/^What you see is of \d\d:\d\d and may be different by now/).waitFor();
    await note.getByText(/rootcellar start/).waitFor();
    expect(await lookAt(page, 'hub-lost')).toEqual([]);
  });

  it('tells, when it is back, that it was interrupted, to a page that nobody touched', async () => {
    await stage.startHub();
    await page.getByRole('heading', { name: stopped }).waitFor({ timeout: 30_000 });
    await page.getByText(lost).waitFor({ state: 'hidden' });
    await factsAreTold(page);
    const alert = page.getByRole('alert');
    await alert.getByText('The program that worked on it ended before it was done.').waitFor();
    await alert.getByText(/^What was backed up before is as it was/).waitFor();
    await alert.getByText('job.interrupted').waitFor();
    await page.getByText('Receiving stopped').waitFor();
    expect(await lookAt(page, 'interrupted')).toEqual([]);
  });

  it('goes on with what arrived of the backup, which ends well and is whole', async () => {
    await openTab(page, stage, 'backups');
    const leftOver = page.getByText('Unfinished. The next backup goes on with it');
    await leftOver.waitFor();
    await openTab(page, stage, 'summary');
    await expect.poll(() => button(page, 'Continue Backup').isEnabled(), { timeout: 30_000 }).toBe(true);
    await button(page, 'Continue Backup').click();
    await page.getByText('2 backups', { exact: true }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await openTab(page, stage, 'backups');
    await leftOver.waitFor({ state: 'hidden' });
    await page.getByRole('table').getByRole('link').first().click();
    await button(page, /^Verify/).click();
    await page.getByRole('table').getByText('Whole').waitFor({ timeout: JOB_TIMEOUT_MS });
    await page.goto(`${stage.url}/#/activity`);
    await page.getByText('Interrupted').first().waitFor();
  });

  it('is missed as well when it falls silent, and no connection breaks', async () => {
    await page.clock.install();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    stage.silenceHub();
    try {
      await page.clock.runFor(60_000);
      expect(await page.getByText(lost).count()).toBe(0);
      await page.clock.runFor(20_000);
      await page.getByText(lost).waitFor();
    } finally {
      stage.wakeHub();
    }
    await page.getByText(lost).waitFor({ state: 'hidden' });
  });
});
