import type { Page } from 'playwright-core';
import type { BrowserStage } from './browser-stage.ts';

/*
 * What a person does, by the words on the screen. Nothing here knows how the pages are made.
 */

const PASSCODE = '123456';

/** A backup of a small phone, on a machine that does other things as well. */
const JOB_TIMEOUT_MS = 120_000;

export function button(page: Page, name: string | RegExp) {
  return page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) });
}

/** Types the passcode on the screen of the simulated iPhone, when it asks. */
export async function enterPasscode(page: Page, code = PASSCODE): Promise<void> {
  const screen = page.getByRole('group', { name: 'Screen of the simulated iPhone' });
  await screen.getByText('Enter Passcode').waitFor({ timeout: JOB_TIMEOUT_MS });
  for (const digit of code) await screen.getByRole('button', { name: digit, exact: true }).click();
}

/** What the owner does at the phone: with the simulated screen beside the page, or not at all where somebody else does. */
export interface AtThePhone {
  trust(page: Page): Promise<void>;
  passcode(page: Page): Promise<void>;
}

const ON_SCREEN: AtThePhone = {
  async trust(page) {
    await button(page, 'Trust').click();
    await enterPasscode(page);
  },
  passcode: (page) => enterPasscode(page),
};

/** Of a simulator in a process of its own, whose owner answers by themselves. */
export const BY_ITSELF: AtThePhone = { trust: async () => {}, passcode: async () => {} };

/** First visit: trust, where, no password, kit, and the first backup until it is listed. */
export async function firstVisit(page: Page, owner: AtThePhone = ON_SCREEN): Promise<void> {
  await button(page, 'Ask It to Trust This Computer').click();
  await owner.trust(page);
  await button(page, 'Continue').click();
  await button(page, 'Continue').click();
  await page.getByRole('radio', { name: /^No/ }).click();
  await button(page, 'Continue').click();
  await button(page, 'Back Up Now').click();
  await owner.passcode(page);
  await page.getByRole('heading', { name: /is backed up$/ }).waitFor({ timeout: JOB_TIMEOUT_MS });
  await saveKit(page);
  await button(page, 'Show the iPhone').click();
  await page.getByText('1 backup', { exact: true }).waitFor();
}

/** The page with the key of the vault arrives as a file. */
async function saveKit(page: Page): Promise<void> {
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save the Kit to Print It' }).click();
  const failure = await (await saved).failure();
  if (failure !== null) throw new Error(`The recovery kit was not saved: ${failure}`);
  await page.getByRole('checkbox', { name: /in a safe place$/ }).check();
}

/** Back Up Now on the page of the phone, until it is done. */
export async function backUpAgain(page: Page): Promise<void> {
  await button(page, 'Back Up Now').click();
  await enterPasscode(page);
  await button(page, 'Back Up Now').waitFor({ timeout: JOB_TIMEOUT_MS });
}

/** What happened, what it means, what to do, and the code to look it up. */
export async function factsAreTold(page: Page): Promise<void> {
  const alert = page.getByRole('alert');
  for (const fact of ['What happened', 'Your data', 'What to do next', 'Code']) {
    await alert.getByText(fact, { exact: true }).waitFor();
  }
}

/** Until something has arrived, and the page says how much. */
export async function untilReceiving(page: Page): Promise<void> {
  const job = page.getByRole('region', { name: /^Backing up/ });
  await job.getByText(/^\d.*\s[kM]B$/).waitFor({ timeout: JOB_TIMEOUT_MS });
}

export async function openTab(
  page: Page,
  stage: Pick<BrowserStage, 'url' | 'udid'>,
  tab: string,
): Promise<void> {
  await page.goto(`${stage.url}/#/devices/${stage.udid}${tab === 'summary' ? '' : `/${tab}`}`);
}

export { JOB_TIMEOUT_MS };
