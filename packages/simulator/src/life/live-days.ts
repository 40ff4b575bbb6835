import { type Random, seededRandom } from '@rootcellar/core';
import type { Phone } from '../phone/phone.ts';
import { callSomebody } from './call-somebody.ts';
import { changeSettings } from './change-settings.ts';
import type { Day } from './day.ts';
import { editDocuments } from './edit-documents.ts';
import { readPages } from './read-pages.ts';
import { takePhotos } from './take-photos.ts';
import { updateAnApp } from './update-an-app.ts';
import { writeMessages } from './write-messages.ts';
import { writeNotes } from './write-notes.ts';

/** What happened; for tests and for whoever watches. */
export interface LivedDays {
  readonly days: number;
  readonly messages: number;
  readonly photosTaken: number;
  readonly photosDeleted: number;
  readonly calls: number;
  readonly documentsChanged: number;
  readonly appsUpdated: number;
}

/** Of all that happens in a day, one kind. */
export const LIVED_KINDS = ['photos', 'messages'] as const;
export type LivedKind = (typeof LIVED_KINDS)[number];

/** Our limit: somebody's year. */
export const DAYS_MAX = 366;

const DAY_SECONDS = 86_400;

/**
 * Lets days pass on a phone: messages and photos arrive, databases change by some of their pages, an
 * app is updated, documents are edited, renamed and deleted, settings change.
 *
 * The phone's clock stays where it is. The first day is the one after the newest thing on the phone,
 * so that the same days follow, whenever they are lived. Whatever the phone does not have – no photos,
 * no messages – is left out.
 *
 * @param only of all that, one kind: somebody takes photos, or writes
 */
export async function liveDays(
  phone: Pick<Phone, 'files' | 'apps' | 'setApps'>,
  days: number,
  random?: Random,
  only?: LivedKind,
): Promise<LivedDays> {
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) throw new RangeError('A number of days');
  const lived = {
    messages: 0,
    photosTaken: 0,
    photosDeleted: 0,
    calls: 0,
    documentsChanged: 0,
    appsUpdated: 0,
  };
  const begin = newestSecond(phone);
  for (let number = 1; number <= days; number += 1) {
    const at = begin + number * DAY_SECONDS;
    const day: Day = { phone, random: random ?? seededRandom(`day/${at}`), at };
    if (only !== 'messages') {
      const photos = await takePhotos(day);
      lived.photosTaken += photos.taken;
      lived.photosDeleted += photos.deleted;
    }
    if (only !== 'photos') lived.messages += await writeMessages(day);
    if (only !== undefined) continue;
    lived.calls += await callSomebody(day);
    lived.documentsChanged += await editDocuments(day);
    lived.appsUpdated += updateAnApp(day, number);
    await readPages(day);
    await writeNotes(day);
    await changeSettings(day);
  }
  return { days, ...lived };
}

function newestSecond({ files }: Pick<Phone, 'files'>): number {
  let newest = 0;
  for (const { attributes } of files.walk('/var')) newest = Math.max(newest, attributes.modifiedAt);
  return newest;
}
