import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Cookies, launchChromium, newPage } from './chromium.ts';
import { type Program, startProgram } from './program.ts';

/** A hub with its own data and a simulated phone, as `npm start` begins it, and a browser. */
export interface BrowserStage {
  readonly url: string;
  readonly link: string;
  /** Of the simulated phones; see docs/formats/control-api.md. */
  readonly control: string;
  readonly udid: string;
  /** Of all phones. */
  readonly udids: readonly string[];
  /** The simulator, asked directly. */
  ask(path: string, body?: unknown): Promise<unknown>;
  /** A fresh browser profile, signed in. */
  signedInPage(options?: BrowserContextOptions): Promise<Page>;
  page(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

interface Ready {
  readonly url: string;
  readonly link: string;
  readonly control: string;
}

export async function openBrowserStage(
  options: { readonly profile?: string; readonly phones?: number } = {},
): Promise<BrowserStage> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-browser-'));
  try {
    const hub = await startHub(folder, options.profile ?? 'family', options.phones ?? 1);
    try {
      return await stage({ hub, browser: await launchChromium(), folder });
    } catch (error) {
      await hub.end();
      throw error;
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function stage(parts: {
  readonly hub: Program<Ready>;
  readonly browser: Browser;
  readonly folder: string;
}): Promise<BrowserStage> {
  const { hub, browser, folder } = parts;
  const { url, link, control } = hub.ready;
  const ask = (path: string, body?: unknown) => askControl(control, path, body);
  const { phones } = (await ask('/phones')) as { readonly phones: readonly { readonly udid: string }[] };
  let session: Cookies | undefined;
  const page = (options: BrowserContextOptions = {}) => newPage(browser, options);
  return {
    url,
    link,
    control,
    udid: phones[0]?.udid ?? '',
    udids: phones.map(({ udid }) => udid),
    ask,
    page,
    // The link works once; later profiles get its cookie.
    async signedInPage(options) {
      const opened = await page(options);
      if (session === undefined) {
        await opened.goto(link);
        session = await opened.context().cookies();
      } else {
        await opened.context().addCookies(session);
        await opened.goto(url);
      }
      return opened;
    },
    async close() {
      await browser.close();
      await hub.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks the simulator at its control address; with a body it is told. */
export async function askControl(control: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(
    control + path,
    body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
  );
  return answer.json();
}

function startHub(folder: string, profile: string, phones: number): Promise<Program<Ready>> {
  const args = [
    'start',
    '--simulate',
    String(phones),
    '--profile',
    profile,
    '--port',
    '0',
    '--data',
    folder,
    '--json',
    '--no-open',
  ];
  return startProgram(args, { env: { USBMUXD_SOCKET_ADDRESS: `UNIX:${join(folder, 'nobody')}` } });
}
