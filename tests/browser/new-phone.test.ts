import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { button, enterPasscode, firstVisit, JOB_TIMEOUT_MS } from './steps.ts';

describeInBrowser('a person with a new iPhone', () => {
  let stage: BrowserStage;
  let page: Page;
  beforeAll(async () => {
    stage = await openBrowserStage({ profile: 'tiny', phones: 2 });
    page = await stage.signedInPage();
    await button(page, 'Ask It to Trust This Computer').waitFor();
    await firstVisit(page);
  });
  afterAll(() => stage?.close());

  it('finds the backup of the old one, and the plan says that it is of another', async () => {
    const old = /devices\/([^/]+)/.exec(page.url())?.[1];
    const fresh = stage.udids.find((udid) => udid !== old) ?? '';
    await page.goto(`${stage.url}/#/devices/${fresh}/restore`);
    await page.getByRole('heading', { name: 'Of your other iPhones' }).waitFor();
    expect(await page.getByRole('radio').count()).toBe(1);
    expect(await button(page, 'Show the Plan').isDisabled()).toBe(true);
    await button(page, 'Ask It to Trust This Computer').click({ timeout: 60_000 });
    await page.getByRole('heading', { name: /^Tap Trust on/ }).waitFor();
    await button(page, 'Trust').click();
    await enterPasscode(page);
    await button(page, 'Show the Plan').click({ timeout: 60_000 });
    await page.getByRole('heading', { name: 'Comes back' }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await page.getByText(/^This is the backup of /).waitFor();
  });
});
