import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { damageLargestPack } from '../damage-largest-pack.ts';
import type { ApartStage } from './apart-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { lookAt } from './look.ts';
import { button, JOB_TIMEOUT_MS, openTab } from './steps.ts';
import { openVisitedStage } from './visited-stage.ts';

describeInBrowser('a backup whose disk has lost a bit', () => {
  let stage: ApartStage;
  let page: Page;
  beforeAll(async () => {
    ({ stage, page } = await openVisitedStage());
  });
  afterAll(() => stage?.close());

  it('is found by the check, and called damaged wherever it is named', async () => {
    await damageLargestPack(join(stage.disk.folder, 'vaults', stage.udid, 'data'));
    await openTab(page, stage, 'backups');
    await page.getByRole('table').getByRole('link').first().click();
    await button(page, /^Verify/).click();
    await page.getByRole('table').getByText('Damaged').waitFor({ timeout: JOB_TIMEOUT_MS });
    const details = page.getByRole('complementary', { name: /^Backup of/ });
    await details.getByText(/^Damaged\. Some files are not what they were/).waitFor();
    expect(await lookAt(page, 'damaged-backup')).toEqual([]);
    await openTab(page, stage, 'summary');
    await page.getByText(/: this backup is damaged$/).waitFor();
    await page.getByText('None that is whole').waitFor();
    expect(await lookAt(page, 'damaged-summary')).toEqual([]);
  });

  it('is mended by the step that is offered, in one go', async () => {
    await button(page, 'Send Everything Again').click();
    await page
      .getByRole('heading', { name: 'Last backup', exact: true })
      .waitFor({ timeout: JOB_TIMEOUT_MS });
    expect(await page.getByText(/is damaged$/).count()).toBe(0);
    await openTab(page, stage, 'backups');
    await page.getByRole('table').getByRole('link').first().click();
    await button(page, /^Verify/).click();
    await page.getByRole('table').getByText('Whole', { exact: true }).waitFor({ timeout: JOB_TIMEOUT_MS });
    const details = page.getByRole('complementary', { name: /^Backup of/ });
    await details.getByText(/^Whole\./).waitFor();
    await openTab(page, stage, 'summary');
    await page.getByRole('heading', { name: 'Last good backup' }).waitFor();
  });
});
