import { z } from 'zod';
import { dataState } from './error-answer.ts';
import { defineRoute } from './route.ts';
import { bytes, count, id, pageMarker, pageSize, time, udid } from './words.ts';

/** A run that happened, or one that did not, with the reason. */
export const ledgerEntry = z
  .object({
    id,
    at: time,
    /** `null` for one that never began. */
    startedAt: time.nullable(),
    /** `command-line`, or this hub: because somebody asked, or by itself. */
    by: z.enum(['command-line', 'hub', 'automatic']),
    operation: z.string(),
    /** `null` where nobody knows which phone was meant. */
    udid: udid.nullable(),
    deviceName: z.string(),
    outcome: z.enum(['done', 'failed', 'cancelled', 'interrupted', 'did-not-happen']),
    /** Why it is not `done`: the code of an error, or of a reason. */
    reason: z.string().nullable(),
    happened: z.string().nullable(),
    yourData: z.string().nullable(),
    next: z.string().nullable(),
    dataState: dataState.nullable(),
    files: count.nullable(),
    bytes: bytes.nullable(),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntryAnswer = z.infer<typeof ledgerEntry>;

export const readLedger = defineRoute({
  name: 'readLedger',
  method: 'get',
  path: '/api/ledger',
  summary: 'Every run that happened and every one that did not, the newest first',
  query: z.strictObject({ udid: udid.optional(), after: pageMarker.optional(), limit: pageSize(50, 200) }),
  status: 200,
  answer: z.object({ entries: z.array(ledgerEntry), next: pageMarker.nullable() }),
});
