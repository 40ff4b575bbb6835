import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { type BrowserStage, openBrowserStage } from '../tests/browser/browser-stage.ts';
import { button, JOB_TIMEOUT_MS, openTab } from '../tests/browser/steps.ts';
import { REPOSITORY } from './repository.ts';

/*
 * Makes the pictures of the guide from the real web app with a simulated iPhone:
 *   npm run build && node --conditions=source scripts/guide-pictures.ts
 */

const FOLDER = join(REPOSITORY, 'docs', 'pictures');

/** So that a page of the guide loads on a slow line. */
const BYTES_MAX = 80_000;
const QUALITIES = [85, 75, 65, 50, 35];

const LOOK: BrowserContextOptions = {
  viewport: { width: 1080, height: 720 },
  deviceScaleFactor: 1.5,
  colorScheme: 'light',
  reducedMotion: 'reduce',
};

const PASSCODE = '123456';
const PASSWORD = 'pears and apples';

class Studio {
  readonly stage: BrowserStage;
  readonly page: Page;
  readonly #session: CDPSession;

  private constructor(stage: BrowserStage, page: Page, session: CDPSession) {
    this.stage = stage;
    this.page = page;
    this.#session = session;
  }

  /** The simulated iPhone is told what its owner does; its screen is not in the pictures. */
  static async open(): Promise<Studio> {
    const stage = await openBrowserStage({ profile: 'family:16' });
    const page = await stage.page(LOOK);
    await page.addInitScript("localStorage.setItem('rootcellar.simulator', 'closed')");
    await nameTheComputer(page);
    await page.goto(stage.link);
    return new Studio(stage, page, await page.context().newCDPSession(page));
  }

  async picture(
    name: string,
    size: { readonly width?: number; readonly height?: number } = {},
  ): Promise<void> {
    await this.page.setViewportSize({ width: size.width ?? 1080, height: size.height ?? 720 });
    await this.page.evaluate('scrollTo(0, 0)');
    await this.page.addStyleTag({ content: '.panel-opener { display: none }' });
    await this.page.waitForTimeout(600);
    for (const quality of QUALITIES) {
      const { data } = await this.#session.send('Page.captureScreenshot', { format: 'webp', quality });
      const picture = Buffer.from(data, 'base64');
      if (picture.length > BYTES_MAX) continue;
      writeFileSync(join(FOLDER, `${name}.webp`), picture);
      console.log(`${name}.webp: ${picture.length} bytes, quality ${quality}`);
      return;
    }
    throw new Error(`${name} is larger than ${BYTES_MAX} bytes, however it is packed`);
  }

  /** What the owner does, as soon as the phone asks for it. */
  async owner(action: string, body: object = {}): Promise<void> {
    const { stage } = this;
    for (let tries = 0; tries < 400; tries += 1) {
      const answer = (await stage.ask(`/phones/${stage.udid}/${action}`, body)) as {
        readonly error?: unknown;
      };
      if (answer.error === undefined) return;
      await this.page.waitForTimeout(100);
    }
    throw new Error(`The phone never asked for ${action}`);
  }

  async backUp(): Promise<void> {
    await openTab(this.page, this.stage, 'summary');
    await button(this.page, 'Back Up Now').click();
    await this.owner('passcode', { code: PASSCODE });
    await button(this.page, 'Back Up Now').waitFor({ timeout: JOB_TIMEOUT_MS });
  }
}

/** Whoever makes the pictures keeps the names of their own computer to themselves. */
async function nameTheComputer(page: Page): Promise<void> {
  await page.route('**/api/hub', async (route) => {
    const answer = await route.fetch();
    const hub = (await answer.json()) as Record<string, unknown>;
    await route.fulfill({
      response: answer,
      json: { ...hub, computerName: 'cellar', dataFolder: '/srv/rootcellar' },
    });
  });
}

async function firstBackup(studio: Studio): Promise<void> {
  const { page } = studio;
  await button(page, 'Ask It to Trust This Computer').click();
  await page.getByRole('heading', { name: /^Tap Trust on/ }).waitFor();
  await studio.picture('first-trust');
  await studio.owner('trust');
  await studio.owner('passcode', { code: PASSCODE });
  await button(page, 'Continue').click();
  await button(page, 'Continue').click();
  await studio.picture('first-password');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('The same again').fill(PASSWORD);
  await button(page, 'Set the Password').click();
  await studio.owner('passcode', { code: PASSCODE });
  await page.getByRole('radio', { name: /^Sealed/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('first-kept');
  await button(page, 'Continue').click();
  await button(page, 'Back Up Now').click();
  await page.getByRole('heading', { name: /^Enter the passcode on/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('first-passcode', { height: 860 });
  await studio.owner('passcode', { code: PASSCODE });
  await page.getByRole('heading', { name: /is backed up$/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('first-kit', { height: 800 });
  await page.getByRole('checkbox', { name: /in a safe place$/ }).check();
  await button(page, 'Show the iPhone').click();
}

async function laterOn(studio: Studio): Promise<void> {
  const { page, stage } = studio;
  await stage.ask(`/phones/${stage.udid}/live`, { days: 1 });
  await studio.backUp();
  await openTab(page, stage, 'backups');
  await page.getByRole('table').getByRole('link').first().click();
  await button(page, /^Verify/).click();
  await page.getByRole('table').getByText('Whole').waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('backups', { width: 1360, height: 820 });
  await openTab(page, stage, 'summary');
  await page.getByText(/^Every byte read again:/).waitFor();
  await studio.picture('summary', { height: 860 });
  await openTab(page, stage, 'browse');
  await page.getByRole('button', { name: /^IMG_/ }).first().waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('photos');
}

async function restore(studio: Studio): Promise<void> {
  const { page, stage } = studio;
  await openTab(page, stage, 'restore');
  await button(page, 'Show the Plan').click();
  await page.getByRole('heading', { name: 'Comes back' }).waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('restore-plan', { height: 860 });
  await button(page, 'Continue').click();
  await button(page, 'Go On Without').click();
  await page.getByRole('heading', { name: /^Replace what is on/ }).waitFor();
  await studio.picture('restore-confirm', { height: 560 });
}

async function lockedBackup(studio: Studio): Promise<void> {
  const { page, stage } = studio;
  await openTab(page, stage, 'browse');
  await page.reload();
  await page.getByLabel('Password of the backup').fill('is it this one');
  await button(page, 'Open').click();
  await page.getByRole('alert').getByText('What to do next').waitFor({ timeout: JOB_TIMEOUT_MS });
  await studio.picture('wrong-password', { height: 620 });
}

const studio = await Studio.open();
try {
  await firstBackup(studio);
  await laterOn(studio);
  await restore(studio);
  await lockedBackup(studio);
} catch (error) {
  await studio.page.screenshot({
    path: join(FOLDER, '..', '..', 'tests', 'browser', 'pictures', 'where-it-stopped.png'),
  });
  throw error;
} finally {
  await studio.stage.close();
}
