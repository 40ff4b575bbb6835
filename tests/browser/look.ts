import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { clippedOn } from './clipped.ts';

/** Ignored by git: to be looked at. */
export const PICTURES = join(import.meta.dirname, 'pictures');

/** How a page is looked at. */
const LOOKS = [
  { name: 'light', width: 1440, scheme: 'light', language: 'en' },
  { name: 'dark', width: 1440, scheme: 'dark', language: 'en' },
  { name: 'narrow', width: 390, scheme: 'light', language: 'en' },
  { name: 'narrow-dark', width: 390, scheme: 'dark', language: 'en' },
  { name: 'german', width: 1280, scheme: 'light', language: 'de' },
  { name: 'german-narrow', width: 390, scheme: 'light', language: 'de' },
] as const;

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Violations in one line each: what, and where. */
async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(WCAG)}, resultTypes: ['violations'] })`,
  )) as AxeResults;
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
}

/** Nothing may stick out to the side. */
async function sidewaysScroll(page: Page): Promise<number> {
  return (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
}

export function speak(page: Page, language: string): Promise<unknown> {
  return page.evaluate(
    `localStorage.setItem('rootcellar.language', '${language}'); dispatchEvent(new StorageEvent('storage', { key: 'rootcellar.language' }))`,
  );
}

/** Light and dark, wide and narrow, English and German: leaves pictures. @returns what is wrong for somebody */
export async function lookAt(page: Page, name: string): Promise<readonly string[]> {
  mkdirSync(PICTURES, { recursive: true });
  const found: string[] = [];
  for (const look of LOOKS) {
    await page.setViewportSize({ width: look.width, height: look.width < 500 ? 844 : 1000 });
    await page.evaluate(`document.documentElement.dataset.mantineColorScheme = '${look.scheme}'`);
    await speak(page, look.language);
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(PICTURES, `${name}-${look.name}.png`), fullPage: look.width < 500 });
    if ((await sidewaysScroll(page)) > 0) found.push(`${look.name}: scrolls sideways`);
    found.push(...(await clippedOn(page)).map((clipped) => `${look.name}: ${clipped}`));
    if (look.language === 'de') continue;
    found.push(...(await violationsOn(page)).map((violation) => `${look.name}: ${violation}`));
  }
  await page.setViewportSize({ width: 1440, height: 1000 });
  await speak(page, 'en');
  return found;
}
