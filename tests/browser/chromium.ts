import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's; no browser is downloaded. */
export const CHROMIUM = process.env['ROOTCELLAR_CHROMIUM'] ?? '/usr/bin/chromium';

/** What Chromium needs as root and in a container, and what keeps it from calling home. */
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
}

/** A fresh browser profile. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1440, height: 1000 },
    ...options,
  });
  context.setDefaultTimeout(30_000);
  return context.newPage();
}

export type Cookies = Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['cookies']>>;
