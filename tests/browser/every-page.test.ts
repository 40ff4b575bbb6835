import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { clippedOn } from './clipped.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { lookAt, PICTURES, speak } from './look.ts';
import { backUpAgain, button, enterPasscode, JOB_TIMEOUT_MS, openTab } from './steps.ts';

/** What is in the bar above a page lies inside of it, side by side; the facts of a phone lie in the page. */
const OVERLAPS_IN_BAR = `(() => {
  const bar = document.querySelector('.bar');
  const inside = bar.getBoundingClientRect();
  const boxes = [...bar.children]
    .map((part) => [part.className || part.localName, part.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0);
  const out = boxes.filter(([, box]) => box.left < inside.left - 1 || box.right > inside.right + 1);
  const over = boxes.flatMap(([one, a], at) =>
    boxes.slice(at + 1).filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
      .map(([other]) => one + ' over ' + other));
  const page = document.querySelector('.page').getBoundingClientRect();
  const wide = [...document.querySelectorAll('.device-head dd')].filter((fact) => fact.getBoundingClientRect().right > page.right);
  return [...out.map(([name]) => name + ' sticks out'), ...over, ...wide.map((fact) => fact.textContent + ' sticks out')];
})()`;

/** A phone that lies on its side: there is the least room above what must stay in sight. */
async function lowWindow(page: Page, name: string): Promise<readonly string[]> {
  await page.setViewportSize({ width: 844, height: 390 });
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(PICTURES, `${name}-low.png`) });
  const clipped = await clippedOn(page);
  await page.setViewportSize({ width: 1440, height: 1000 });
  return clipped;
}

describeInBrowser('every page is for everybody', () => {
  let stage: BrowserStage;
  let page: Page;
  beforeAll(async () => {
    stage = await openBrowserStage({ profile: 'family:16' });
  });
  afterAll(() => stage?.close());

  it('sign in', async () => {
    const stranger = await stage.page();
    await stranger.goto(stage.url);
    await stranger.getByRole('heading', { name: 'Open the link from the terminal' }).waitFor();
    expect.soft(await lookAt(stranger, 'sign-in')).toEqual([]);
    await stranger.context().close();
    page = await stage.signedInPage();
  });

  it('first visit, step by step', async () => {
    await button(page, 'Ask It to Trust This Computer').waitFor();
    expect.soft(await lookAt(page, 'first-visit-1-trust')).toEqual([]);
    await button(page, 'Ask It to Trust This Computer').click();
    await page.getByRole('heading', { name: /^Tap Trust on/ }).waitFor();
    expect.soft(await lookAt(page, 'first-visit-1-tap-trust')).toEqual([]);
    await button(page, 'Trust').click();
    await enterPasscode(page);
    await button(page, 'Continue').click();
    expect.soft(await lookAt(page, 'first-visit-2-where')).toEqual([]);
    await button(page, 'Continue').click();
    expect.soft(await lookAt(page, 'first-visit-3-encrypt')).toEqual([]);
    await page.getByRole('radio', { name: /^No/ }).click();
    await button(page, 'Continue').click();
    expect.soft(await lookAt(page, 'first-visit-4-start')).toEqual([]);
    await button(page, 'Do This Later').click();
  });

  it('before the first backup', async () => {
    for (const tab of ['summary', 'backups', 'browse', 'restore']) {
      await openTab(page, stage, tab);
      expect.soft(await lookAt(page, `without-backup-${tab}`)).toEqual([]);
    }
  });

  it('while a backup runs', async () => {
    await openTab(page, stage, 'summary');
    await button(page, 'Back Up Now').click();
    await page.getByRole('heading', { name: /^Enter the passcode on/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
    expect.soft(await lookAt(page, 'waiting-for-passcode')).toEqual([]);
    await page.goto(`${stage.url}/#/settings`);
    await page.getByRole('region', { name: 'Running jobs' }).waitFor();
    expect.soft(await lookAt(page, 'job-bar-waiting')).toEqual([]);
    await openTab(page, stage, 'summary');
    await enterPasscode(page);
    await page.getByRole('progressbar', { name: /^Backing up/ }).waitFor();
    await page.screenshot({ path: join(PICTURES, 'receiving-light.png') });
    await page.goto(`${stage.url}/#/settings`);
    await page.screenshot({ path: join(PICTURES, 'job-bar-receiving-light.png') });
    await openTab(page, stage, 'summary');
    await button(page, 'Back Up Now').waitFor({ timeout: JOB_TIMEOUT_MS });
  });

  it('after some backups', async () => {
    await stage.ask(`/phones/${stage.udid}/live`, { days: 1 });
    await backUpAgain(page);
    await openTab(page, stage, 'backups');
    await page.getByRole('table').getByRole('link').first().click();
    await button(page, /^Verify/).click();
    await page.getByRole('table').getByText('Whole').waitFor({ timeout: JOB_TIMEOUT_MS });
    expect.soft(await lookAt(page, 'backup')).toEqual([]);
    await button(page, 'Delete This Backup…').click();
    await button(page, 'Delete Backup').waitFor();
    expect.soft(await lookAt(page, 'delete')).toEqual([]);
    await page.keyboard.press('Escape');
    for (const tab of ['summary', 'backups', 'options']) {
      await openTab(page, stage, tab);
      expect.soft(await lookAt(page, tab)).toEqual([]);
    }
    await openTab(page, stage, 'backups');
    await page.getByRole('link', { name: 'Compare Two…' }).click();
    await page.getByText('Came', { exact: true }).first().waitFor({ timeout: 60_000 });
    expect.soft(await lookAt(page, 'compare')).toEqual([]);
  });

  it('inside a backup', async () => {
    await openTab(page, stage, 'browse');
    await page.getByRole('button', { name: /^IMG_/ }).first().waitFor({ timeout: 60_000 });
    expect.soft(await lookAt(page, 'photos')).toEqual([]);
    await page.getByRole('button', { name: /^IMG_/ }).first().click();
    await page.getByRole('dialog').getByRole('img', { name: /^IMG_/ }).waitFor();
    expect.soft(await lookAt(page, 'photo')).toEqual([]);
    expect.soft(await lowWindow(page, 'photo')).toEqual([]);
    await page.keyboard.press('Escape');
    await openTab(page, stage, 'browse?part=all');
    await page.getByRole('table', { name: 'Files' }).waitFor();
    expect.soft(await lookAt(page, 'files')).toEqual([]);
    await page.getByLabel('Search files').fill('sms.db');
    await button(page, 'sms.db').click();
    await page.getByRole('dialog').getByRole('table').waitFor({ timeout: 60_000 });
    expect.soft(await lookAt(page, 'database')).toEqual([]);
    expect.soft(await lowWindow(page, 'database')).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('restore, up to the last question', async () => {
    await openTab(page, stage, 'restore');
    expect.soft(await lookAt(page, 'restore-1-backup')).toEqual([]);
    await button(page, 'Show the Plan').click();
    await page.getByRole('heading', { name: 'Comes back' }).waitFor({ timeout: JOB_TIMEOUT_MS });
    expect.soft(await lookAt(page, 'restore-2-plan')).toEqual([]);
    await button(page, 'Continue').click();
    expect.soft(await lookAt(page, 'restore-3-safety')).toEqual([]);
    await button(page, 'Go On Without').click();
    expect.soft(await lookAt(page, 'restore-4-confirm')).toEqual([]);
  });

  it('a failure', async () => {
    await openTab(page, stage, 'summary');
    await button(page, 'Back Up Now').click();
    await page.getByRole('heading', { name: /^Enter the passcode on/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
    await stage.ask(`/phones/${stage.udid}/unplug`, {});
    await page.getByRole('alert').getByText('What happened').waitFor({ timeout: JOB_TIMEOUT_MS });
    expect.soft(await lookAt(page, 'failed')).toEqual([]);
    await stage.ask(`/phones/${stage.udid}/plug`, {});
  });

  it('the bar above, beside the simulated iPhone, where there is least room', async () => {
    await openTab(page, stage, 'summary');
    for (const width of [1280, 1360, 840, 390]) {
      for (const language of ['en', 'de'] as const) {
        await page.setViewportSize({ width, height: 800 });
        await speak(page, language);
        await page.waitForTimeout(350);
        await page.screenshot({ path: join(PICTURES, `bar-${width}-${language}.png`) });
        expect.soft(await page.evaluate(OVERLAPS_IN_BAR), `${width} ${language}`).toEqual([]);
      }
    }
    await speak(page, 'en');
    await page.setViewportSize({ width: 1440, height: 1000 });
  });

  it('activity, settings, and nothing', async () => {
    for (const place of ['activity', 'settings', 'devices', 'nowhere']) {
      await page.goto(`${stage.url}/#/${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect.soft(await lookAt(page, place)).toEqual([]);
    }
  });
});
