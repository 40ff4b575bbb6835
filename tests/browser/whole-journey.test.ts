import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { backUpAgain, button, firstVisit, JOB_TIMEOUT_MS, openTab } from './steps.ts';

interface PhoneFile {
  readonly path: string;
  readonly kind: string;
  readonly sha256?: string;
}

/** What the phone holds of what a backup brings back. */
async function filesOf(stage: BrowserStage): Promise<ReadonlyMap<string, string>> {
  const answer = await stage.ask(`/phones/${stage.udid}/files?root=/var/mobile/Media/DCIM`);
  const { files } = answer as { readonly files: readonly PhoneFile[] };
  return new Map(
    files.flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[path, sha256] as const])),
  );
}

describeInBrowser('a person who has never seen it', () => {
  let stage: BrowserStage;
  let page: Page;
  beforeAll(async () => {
    stage = await openBrowserStage({ profile: 'tiny' });
    page = await stage.signedInPage();
  });
  afterAll(() => stage?.close());

  it('is led from an unknown phone to its first backup', async () => {
    await page.getByRole('heading', { name: /trust this computer/ }).waitFor();
    await firstVisit(page);
    await page.getByText(/^When it was stored: every file is there/).waitFor();
    await page.getByText('The last backup was whole when it was stored.').waitFor();
  });

  it('checks it, and sees that every file is whole', async () => {
    await openTab(page, stage, 'backups');
    await page.getByRole('table').getByRole('link').first().click();
    await button(page, /^Verify/).click();
    await page.getByRole('table').getByText('Whole').waitFor({ timeout: JOB_TIMEOUT_MS });
    await openTab(page, stage, 'summary');
    await page.getByText(/^Every byte read again:/).waitFor();
    await page.getByRole('heading', { name: 'Last good backup' }).waitFor();
  });

  it('looks at a photo that is in it', async () => {
    await openTab(page, stage, 'browse');
    const photo = page.getByRole('button', { name: /^IMG_.*\.JPG$/i }).first();
    await photo.click();
    const picture = page.getByRole('dialog').getByRole('img', { name: /^IMG_/ });
    await picture.waitFor();
    await expect
      .poll(() => picture.evaluate((image) => Number(Reflect.get(image, 'naturalWidth'))))
      .toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await picture.waitFor({ state: 'hidden' });
  });

  it('lets a day pass, backs up again, and sees what came', async () => {
    await openTab(page, stage, 'summary');
    await button(page, 'Let a Day Pass').click();
    await page.getByText(/^A day passed/).waitFor();
    await backUpAgain(page);
    await openTab(page, stage, 'backups');
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBe(2);
    await page.getByRole('link', { name: 'Compare Two…' }).click();
    await page.getByRole('heading', { name: 'Compare two backups' }).waitFor();
    await page.getByText('Came', { exact: true }).first().waitFor({ timeout: 60_000 });
    expect(await page.getByRole('cell', { name: /IMG_/ }).count()).toBeGreaterThan(0);
    const files = await page.getByRole('table').last().locator('tbody td:first-child').allInnerTexts();
    const [parts, names] = [1, 0].map((line) => files.map((text) => text.split('\n')[line] ?? ''));
    const byName = new Intl.Collator('en', { numeric: true });
    expect(parts).toEqual(parts?.toSorted(byName.compare));
    const ofOne = names?.filter((_, at) => parts?.[at] === parts?.[0]);
    expect(ofOne).toEqual(ofOne?.toSorted(byName.compare));
  });

  it('erases the phone, restores it, and has everything back', async () => {
    const before = await filesOf(stage);
    await openTab(page, stage, 'summary');
    await button(page, 'Erase…').click();
    await button(page, 'Erase iPhone').click();
    await button(page, 'Swipe Up to Begin').waitFor({ timeout: 60_000 });
    expect((await filesOf(stage)).size).toBe(0);

    await button(page, 'Ask It to Trust This Computer').click({ timeout: 60_000 });
    await page.getByText('Trusts this computer').waitFor({ timeout: 60_000 });
    await page.getByText('The iPhone says Hello: set it up first').first().waitFor();
    await openTab(page, stage, 'restore');
    await button(page, 'Show the Plan').click();
    await page.getByRole('heading', { name: 'Comes back' }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await button(page, 'Continue').click();
    await page.getByRole('heading', { name: 'There is nothing to keep' }).waitFor();
    expect(await button(page, 'Make a Safety Backup').count()).toBe(0);
    await button(page, 'Go On').click();
    const name = (
      await page.getByRole('heading', { level: 2, name: /^Replace what is on/ }).innerText()
    ).slice('Replace what is on '.length, -1);
    expect(await button(page, 'Restore Now').isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: /^Type/ }).fill(name.replace('’', "'"));
    await button(page, 'Restore Now').click();
    await page.getByRole('heading', { name: /is restored$/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await page.getByText(/^[1-9]\d* files, .* are on it/).waitFor();
    expect(await filesOf(stage)).toEqual(before);
  });

  it('finds every run in the activity', async () => {
    await page.goto(`${stage.url}/#/activity`);
    await page.getByText(/restore is done$/).waitFor();
    expect(await page.getByText(/backup is done$/).count()).toBe(2);
    expect(await page.getByRole('img', { name: /Backed up$/ }).count()).toBe(1);
  });
});
