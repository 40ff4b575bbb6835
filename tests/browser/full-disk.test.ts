import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApartStage } from './apart-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { lookAt, speak } from './look.ts';
import { hasOwnDisks } from './own-disk.ts';
import { button, factsAreTold, JOB_TIMEOUT_MS, openTab, untilReceiving } from './steps.ts';
import { openVisitedStage } from './visited-stage.ts';

/** More than a backup needs to begin: 134 MB must be free. */
const DISK_BYTES = 220 * 1024 * 1024;

describe.skipIf(!hasOwnDisks())('a disk', () => {
  describeInBrowser('that runs full while a backup arrives', () => {
    let stage: ApartStage;
    let page: Page;
    beforeAll(async () => {
      ({ stage, page } = await openVisitedStage({ diskBytes: DISK_BYTES }));
    });
    afterAll(() => stage?.close());

    it('is told with the four facts, soon, and the backup of before stands', async () => {
      await stage.ask(`/phones/${stage.udid}/live`, { days: 3 });
      await stage.holdBackup(stage.udid, { afterBytes: 400_000, seconds: 6 });
      await button(page, 'Back Up Now').click();
      await untilReceiving(page);
      await stage.disk.fill();
      await page.getByRole('heading', { name: /^The backup of .* stopped$/ }).waitFor({ timeout: 20_000 });
      await factsAreTold(page);
      const alert = page.getByRole('alert');
      await alert.getByText('The disk is full.').waitFor();
      await alert.getByText(/^Your backup of .* is intact\./).waitFor();
      await alert.getByText('Free some space or choose another disk, then run it again.').waitFor();
      expect(await lookAt(page, 'disk-full')).toEqual([]);
      await speak(page, 'de');
      await alert.getByText('Die Platte ist voll.').waitFor();
      await speak(page, 'en');
    });

    it('lets earlier backups be listed and verified', async () => {
      await verifyOldest(page, stage);
    });

    it('refuses the next backup while it is full, and says how much must be free', async () => {
      await openTab(page, stage, 'summary');
      await button(page, 'Back Up Now').click();
      const alert = page.getByRole('alert');
      await alert.getByText(/^There is not enough free space: .* are free, and an iPhone/).waitFor();
      await factsAreTold(page);
      // Nobody has loaded the page anew since there was room.
      await page.getByText(/^\d.*\s(B|kB) are free$/).waitFor();
      expect(await lookAt(page, 'disk-still-full')).toEqual([]);
    });

    it('with room again takes the next backup at once, and knows what had happened', async () => {
      await stage.disk.free();
      await openTab(page, stage, 'summary');
      await button(page, 'Continue Backup').click();
      await page.getByText('2 backups', { exact: true }).waitFor({ timeout: JOB_TIMEOUT_MS });
      await page.goto(`${stage.url}/#/activity`);
      await page.getByText('The disk is full.').first().waitFor();
    });
  });
});

async function verifyOldest(page: Page, stage: ApartStage): Promise<void> {
  await openTab(page, stage, 'backups');
  await page.getByRole('table').getByRole('link').last().click();
  await button(page, /^Verify/).click();
  await page.getByRole('table').getByText('Whole').waitFor({ timeout: JOB_TIMEOUT_MS });
}
