import { z } from 'zod';

/** What an error means for the owner's data. */
export const dataState = z
  .enum(['unchanged', 'earlier-snapshots-intact', 'device-half-changed', 'damaged'])
  .meta({ id: 'DataState' });

/** The four facts that an error owes its reader. Codes are stable for ever; wording is not. */
export const failure = z
  .object({
    code: z.string().meta({ examples: ['usbmux.frame-cut-short'] }),
    happened: z.string(),
    yourData: z.string(),
    next: z.string(),
    dataState,
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .meta({ id: 'Failure' });
export type Failure = z.infer<typeof failure>;

export const errorAnswer = z.object({ error: failure }).meta({ id: 'ErrorAnswer' });
export type ErrorAnswer = z.infer<typeof errorAnswer>;
