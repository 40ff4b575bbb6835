import { z } from 'zod';
import { bytes, id, time, udid } from './words.ts';

export const verdict = z
  .enum(['whole', 'whole-but-old', 'incomplete', 'damaged', 'cannot-tell'])
  .meta({ id: 'Verdict' });

/** One backup, as lists show it. */
export const backupSummary = z
  .object({
    id,
    /** `unfinished`: left by a run that did not end; the next one goes on with it. */
    kind: z.enum(['snapshot', 'folder', 'unfinished']),
    udid,
    deviceName: z.string(),
    productType: z.string().nullable(),
    productVersion: z.string().nullable(),
    takenAt: time.nullable(),
    /** All it holds, as if it were alone. */
    sizeBytes: bytes,
    /** What it added to what was there before; `null` where nobody has counted. */
    addedBytes: bytes.nullable(),
    encrypted: z.boolean(),
    /** Was every file of it checked, and found whole? */
    verified: z.boolean(),
    verifiedAt: time.nullable(),
    verdict: verdict.nullable(),
    /** No rule and no new backup removes it. */
    archived: z.boolean(),
    /** What stock restic calls it now; another one after it was checked or archived. `null` outside of vaults. */
    recordID: z.string().nullable(),
    /** How an encrypted one lies there: opened with its password, or as the phone encrypted it. */
    keptAs: z.enum(['small', 'sealed']).nullable(),
  })
  .meta({ id: 'Backup' });
export type BackupSummary = z.infer<typeof backupSummary>;
