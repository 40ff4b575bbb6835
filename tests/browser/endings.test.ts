import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import {
  backUpAgain,
  button,
  enterPasscode,
  factsAreTold,
  firstVisit,
  JOB_TIMEOUT_MS,
  openTab,
} from './steps.ts';

const PASSWORD = 'a root cellar keeps apples';

describeInBrowser('backups that do not go as planned', () => {
  let stage: BrowserStage;
  let page: Page;
  beforeAll(async () => {
    stage = await openBrowserStage({ profile: 'tiny' });
    page = await stage.signedInPage();
    await firstVisit(page);
  });
  afterAll(() => stage?.close());

  it('are stopped by the person, who is told what became of the data', async () => {
    await openTab(page, stage, 'summary');
    await button(page, 'Back Up Now').click();
    await page.getByRole('heading', { name: /^Enter the passcode on/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await button(page, 'Stop…').click();
    await button(page, 'Stop Now').click();
    await page
      .getByRole('heading', { name: /^The backup of .* stopped$/ })
      .waitFor({ timeout: JOB_TIMEOUT_MS });
    await factsAreTold(page);
  });

  it('break off when the cable is pulled, and go on afterwards', async () => {
    await openTab(page, stage, 'summary');
    await button(page, 'Continue Backup').click();
    await page.getByRole('heading', { name: /^Enter the passcode on/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await button(page, 'Unplug').click();
    await page
      .getByRole('heading', { name: /^The backup of .* stopped$/ })
      .waitFor({ timeout: JOB_TIMEOUT_MS });
    await factsAreTold(page);
    await page.getByText('Connect the iPhone to back it up.').first().waitFor();
    expect(await button(page, 'Continue Backup').isDisabled()).toBe(true);
    await button(page, 'Plug It In').click();
    await expect.poll(() => button(page, 'Continue Backup').isDisabled(), { timeout: 30_000 }).toBe(false);
    await button(page, 'Continue Backup').click();
    await enterPasscode(page);
    await button(page, 'Back Up Now').waitFor({ timeout: JOB_TIMEOUT_MS });
  });

  it('ask again after a wrong passcode', async () => {
    await button(page, 'Back Up Now').click();
    await enterPasscode(page, '000000');
    await page.getByText('Wrong passcode. Try again.').waitFor();
    await enterPasscode(page);
    await button(page, 'Back Up Now').waitFor({ timeout: JOB_TIMEOUT_MS });
  });

  it('are encrypted once a password was given, and confirmed on the phone', async () => {
    await page.getByRole('checkbox', { name: 'Encrypt local backup' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New password').fill(PASSWORD);
    expect(await dialog.getByRole('button', { name: 'Encrypt Backups' }).isDisabled()).toBe(true);
    await dialog.getByLabel('The same again').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Encrypt Backups' }).click();
    await enterPasscode(page);
    await expect
      .poll(() => page.getByRole('checkbox', { name: 'Encrypt local backup' }).isChecked(), {
        timeout: JOB_TIMEOUT_MS,
      })
      .toBe(true);
    await backUpAgain(page);
    await page.getByText(/^Sealed: with the password of the iPhone/).waitFor({ timeout: 30_000 });
  });

  it('refuse a wrong password, and open with the right one', async () => {
    // A page loaded anew has forgotten what was typed.
    await openTab(page, stage, 'browse');
    await page.reload();
    await page.getByLabel('Password of the backup').fill('not this one');
    await button(page, 'Open').click();
    await page.getByRole('alert').getByText('What to do next').waitFor({ timeout: 60_000 });
    await page.getByLabel('Password of the backup').fill(PASSWORD);
    await button(page, 'Open').click();
    await page.getByRole('button', { name: /^IMG_/ }).first().waitFor({ timeout: 60_000 });
  });

  it('are not made with a wrong password, which is asked for again', async () => {
    await openTab(page, stage, 'summary');
    await page.reload();
    await button(page, 'Back Up Now').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password of its backups').fill('not this one');
    await dialog.getByRole('button', { name: 'Back Up and Check' }).click();
    await page.getByRole('alert').getByText('backup.password-wrong').waitFor({ timeout: JOB_TIMEOUT_MS });
    await factsAreTold(page);
    await button(page, 'Continue Backup').click();
    await dialog.getByLabel('Password of its backups').waitFor();
  });
});
