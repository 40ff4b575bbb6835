import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { speak } from './look.ts';
import { button, openTab } from './steps.ts';

const NARROW = { width: 390, height: 844 } as const;

const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

/** The least of them. */
const GAPS_BETWEEN_TAB_WORDS = `(() => {
  const words = [...document.querySelectorAll('.bar .tabs a')].map((tab) => {
    const range = document.createRange();
    range.selectNodeContents(tab);
    return range.getBoundingClientRect();
  });
  return Math.min(...words.slice(1).map(({ left }, at) => left - words[at].right));
})()`;

const CURRENT_TAB_IN_SIGHT = `(() => {
  const { left, right } = document.querySelector('.bar .tabs a[aria-current]').getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
})()`;

describeInBrowser('a person who looks around', () => {
  let stage: BrowserStage;
  let page: Page;
  beforeAll(async () => {
    stage = await openBrowserStage({ profile: 'tiny' });
    page = await stage.signedInPage();
    await button(page, 'Do This Later').click();
  });
  afterAll(() => stage?.close());

  it('reaches every place on a narrow screen, and the simulated phone too', async () => {
    await page.setViewportSize(NARROW);
    for (const place of ['Activity', 'Settings', 'Devices']) {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click();
      await page.getByRole('heading', { level: 1, name: place }).waitFor();
    }
    await button(page, 'Simulator').click();
    await page.getByRole('complementary', { name: 'Simulated iPhone' }).waitFor();
    await expect
      .poll(() =>
        page.evaluate('document.querySelector(".sim").getBoundingClientRect().top < innerHeight / 2'),
      )
      .toBe(true);
    await button(page, 'Close the panel').click();
  });

  it('has one scrollbar at most: nothing makes a page taller than what is in it', async () => {
    await page.setViewportSize({ width: 1280, height: 757 });
    await page.goto(`${stage.url}/#/devices`);
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(757);
  });

  it('sees in German too which tab is which, on a narrow screen', async () => {
    await page.setViewportSize(NARROW);
    await speak(page, 'de');
    await openTab(page, stage, 'options');
    await page.getByRole('heading', { level: 1, name: 'Optionen' }).waitFor();
    expect(await page.evaluate(GAPS_BETWEEN_TAB_WORDS)).toBeGreaterThan(8);
    await expect.poll(() => page.evaluate(CURRENT_TAB_IN_SIGHT)).toBe(true);
    await speak(page, 'en');
  });

  it('begins each page at its top and at its heading', async () => {
    await page.setViewportSize({ width: 390, height: 400 });
    const tabs = page.getByRole('navigation', { name: 'Main' });
    await tabs.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.evaluate('scrollTo(0, 300)');
    await tabs.getByRole('link', { name: 'Activity' }).click();
    await expect.poll(() => focused(page)).toBe('Activity');
    expect(await page.evaluate('scrollY')).toBe(0);
    await tabs.getByRole('link', { name: 'Devices' }).click();
    await expect.poll(() => focused(page)).toBe('Devices');
    await page.goBack();
    await page.goBack();
    await expect.poll(() => focused(page)).toBe('Settings');
  });
});
