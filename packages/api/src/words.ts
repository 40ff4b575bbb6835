import { z } from 'zod';

/*
 * What many resources have in common.
 */

/** Longest text a person types into a field: names, patterns. */
const TEXT_CHARACTERS_MAX = 500;

/** Longest password. Phones take more than anybody types. */
const PASSWORD_CHARACTERS_MAX = 1000;

/** Of a phone: the beginning of the names of its folders. */
export const udid = z
  .string()
  .regex(/^[0-9A-Za-z-]{1,64}$/)
  .meta({ id: 'Udid', examples: ['00008120-000AF302FBED35C4'] });

/** Given by the hub, or by the place that keeps backups. */
export const id = z
  .string()
  .regex(/^[0-9A-Za-z._-]{1,128}$/)
  .meta({ id: 'Id' });

/** UTC. */
export const time = z.iso.datetime().meta({ id: 'Time', examples: ['2026-05-03T14:05:00.000Z'] });

export const bytes = z.int().nonnegative();
export const count = z.int().nonnegative();

export const text = z.string().min(1).max(TEXT_CHARACTERS_MAX);

/** Never in an answer, a log or a record. */
export const password = z
  .string()
  .min(1)
  .max(PASSWORD_CHARACTERS_MAX)
  .meta({ id: 'Password', format: 'password' });

/** The marker of a page, from the `next` of the one before. */
export const pageMarker = z.string().min(1).max(2000);

/** How many to a page; a query has text. */
export const pageSize = (usual: number, most: number) =>
  z.coerce.number().int().min(1).max(most).default(usual);

export const nothing = z.object({});
