import type { Page } from 'playwright-core';
import { type ApartStage, type ApartStageOptions, openApartStage } from './apart-stage.ts';
import { BY_ITSELF, firstVisit } from './steps.ts';

/** A stage where the owner has signed in and made a first backup; the page is at what they see then. */
export async function openVisitedStage(
  options?: ApartStageOptions,
): Promise<{ readonly stage: ApartStage; readonly page: Page }> {
  const stage = await openApartStage(options);
  try {
    const page = await stage.page();
    await page.goto(stage.link);
    await firstVisit(page, BY_ITSELF);
    return { stage, page };
  } catch (error) {
    await stage.close();
    throw error;
  }
}
