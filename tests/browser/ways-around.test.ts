import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BrowserStage, openBrowserStage } from './browser-stage.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { button } from './steps.ts';

const NARROW = { width: 390, height: 844 } as const;

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
});
