import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's; no browser is downloaded. */
export const CHROMIUM = process.env['ROOTCELLAR_CHROMIUM'] ?? '/usr/bin/chromium';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** What Chromium needs as root and in a container, and what keeps it from calling home. */
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const READY_TIMEOUT_MS = 60_000;

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
  const hub = startHub(folder, options.profile ?? 'family', options.phones ?? 1);
  try {
    const { url, link, control } = await readyLine(hub);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
    return await stage({ hub, browser, folder, url, link, control });
  } catch (error) {
    await endProcess(hub);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function stage(
  parts: Ready & { readonly hub: ChildProcess; readonly browser: Browser; readonly folder: string },
): Promise<BrowserStage> {
  const { hub, browser, folder, url, link, control } = parts;
  const ask = async (path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(
      control + path,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    return answer.json();
  };
  const { phones } = (await ask('/phones')) as { readonly phones: readonly { readonly udid: string }[] };
  let session: Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['cookies']>> | undefined;
  const page = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1440, height: 1000 },
      ...options,
    });
    context.setDefaultTimeout(30_000);
    return context.newPage();
  };
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
      await endProcess(hub);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startHub(folder: string, profile: string, phones: number): ChildProcess {
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
  return spawn(process.execPath, ['--conditions=source', join(REPOSITORY, 'apps/cli/src/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, USBMUXD_SOCKET_ADDRESS: `UNIX:${join(folder, 'nobody')}` },
  });
}

/** The one JSON document that says where it listens. */
async function readyLine(hub: ChildProcess): Promise<Ready> {
  let errors = '';
  hub.stderr?.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-4000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const timer = setTimeout(() => reject(new Error(`The hub did not start.\n${errors}`)), READY_TIMEOUT_MS);
  hub.once('exit', () => reject(new Error(`The hub ended.\n${errors}`)));
  let text = '';
  createInterface({ input: hub.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    text += line;
    try {
      resolve(JSON.parse(text) as Ready);
    } catch {
      // There is more of it to come.
    }
  });
  return promise.finally(() => clearTimeout(timer));
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
