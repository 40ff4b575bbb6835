import { z } from 'zod';
import { backupSummary } from './backup-summary.ts';
import { jobAnswer } from './jobs.ts';
import { planAnswer } from './plan.ts';
import { defineRoute } from './route.ts';
import { bytes, count, id, nothing, password, udid } from './words.ts';

const params = z.strictObject({ id });

export const listBackups = defineRoute({
  name: 'listBackups',
  method: 'get',
  path: '/api/backups',
  summary: 'Backups of one\u2019s phones, the newest first; of others\u2019 phones the operator sees sizes',
  query: z.strictObject({ udid: udid.optional() }),
  status: 200,
  answer: z.object({ backups: z.array(backupSummary) }),
});

export const readBackup = defineRoute({
  name: 'readBackup',
  method: 'get',
  path: '/api/backups/{id}',
  summary: 'One backup',
  params,
  status: 200,
  answer: z.object({ backup: backupSummary }),
});

export const verifyBackup = defineRoute({
  name: 'verifyBackup',
  method: 'post',
  path: '/api/backups/{id}/verify',
  summary: 'Check every file of a backup',
  params,
  body: z.strictObject({ deep: z.boolean().default(false), password: password.optional() }),
  status: 202,
  answer: jobAnswer,
});

export const archiveBackup = defineRoute({
  name: 'archiveBackup',
  method: 'put',
  path: '/api/backups/{id}/archived',
  summary: 'Keep a backup for good, or no longer',
  params,
  body: z.strictObject({ archived: z.boolean() }),
  status: 200,
  answer: z.object({ backup: backupSummary }),
});

export const downloadFolder = defineRoute({
  name: 'downloadFolder',
  method: 'get',
  path: '/api/backups/{id}/folder',
  summary: 'The backup as the folder that the phone wrote, for Finder, iTunes and others, in a zip',
  params,
  status: 200,
  answer: { contentType: 'application/zip' },
});

export const planDelete = defineRoute({
  name: 'planDelete',
  method: 'post',
  path: '/api/backups/{id}/delete-plan',
  summary: 'Show what deleting a backup frees; needed before it is deleted',
  params,
  status: 201,
  answer: z.object({ plan: planAnswer }),
});

export const deleteBackup = defineRoute({
  name: 'deleteBackup',
  method: 'delete',
  path: '/api/backups/{id}',
  summary: 'Delete a backup, as the plan that was shown says',
  params,
  query: z.strictObject({ plan: id }),
  status: 200,
  answer: nothing,
});

const tally = z.object({ files: count, bytes });
const tallies = z.object({ added: tally, changed: tally, removed: tally });

export const compareBackups = defineRoute({
  name: 'compareBackups',
  method: 'post',
  path: '/api/backups/{id}/compare',
  summary: 'What came, changed and went since another backup, by app and domain',
  params,
  body: z.strictObject({
    /** The older one. */
    before: id,
    password: password.optional(),
  }),
  status: 200,
  answer: z.object({
    ...tallies.shape,
    byApp: z.record(z.string(), tallies),
    byDomain: z.record(z.string(), tallies),
    /** The first thousand. */
    differences: z.array(
      z.object({
        change: z.enum(['added', 'changed', 'removed']),
        domain: z.string(),
        path: z.string(),
        sizeBytes: bytes,
      }),
    ),
    differencesLeftOut: count,
  }),
});
