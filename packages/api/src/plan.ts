import { z } from 'zod';
import { bytes, count, id, time, udid } from './words.ts';

const line = {
  /** Stable for ever; wording is not. */
  code: z.string(),
  /** What the sentence names. */
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  /** In English. */
  sentence: z.string(),
};

/** One thing that a plan says. */
export const planLine = z.object(line).meta({ id: 'PlanLine' });
export type PlanLine = z.infer<typeof planLine>;

export const planRule = z
  .object({ ...line, effect: z.enum(['blocks', 'warns', 'informs']), source: z.string() })
  .meta({ id: 'PlanRule' });

/** What a restore would do, told before the device is touched. */
export const restorePlan = z
  .object({
    allowed: z.boolean(),
    backup: z.object({
      udid: z.string().nullable(),
      deviceName: z.string().nullable(),
      productVersion: z.string().nullable(),
      takenAt: time.nullable(),
      files: count,
      bytes,
      encrypted: z.boolean(),
    }),
    rules: z.array(planRule),
    comesBack: z.array(planLine),
    staysBehind: z.array(planLine),
    /** Bundle ids that the device will download again. */
    apps: z.array(z.string()),
  })
  .meta({ id: 'RestorePlan' });
export type RestorePlanAnswer = z.infer<typeof restorePlan>;

const shared = {
  /** To be named by the request that carries it out: once, by this session. */
  id,
  udid,
  deviceName: z.string(),
  expiresAt: time,
};

/** What a destructive request would do, as it was shown. */
export const planAnswer = z
  .discriminatedUnion('kind', [
    z.object({ ...shared, kind: z.literal('restore'), backup: id, restore: restorePlan }),
    z.object({ ...shared, ...line, kind: z.literal('delete'), backup: id, freedBytes: bytes }),
    z.object({ ...shared, ...line, kind: z.literal('encryption-off') }),
  ])
  .meta({ id: 'Plan' });
export type PlanAnswer = z.infer<typeof planAnswer>;
