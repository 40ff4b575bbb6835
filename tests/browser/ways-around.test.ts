import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { button } from './steps.ts';

const NARROW = { width: 390, height: 844 } as const;

const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

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
