import { z } from 'zod';
import { defineRoute } from './route.ts';
import { bytes } from './words.ts';

export const readOpenApi = defineRoute({
  name: 'readOpenApi',
  method: 'get',
  path: '/api/openapi.json',
  summary: 'This document',
  status: 200,
  answer: z.record(z.string(), z.unknown()),
  isOpen: true,
});

export const readHub = defineRoute({
  name: 'readHub',
  method: 'get',
  path: '/api/hub',
  summary: 'The hub itself: its version, and where backups are kept',
  status: 200,
  answer: z.object({
    version: z.string(),
    computerName: z.string(),
    /** For the operator only. */
    dataFolder: z.string().nullable(),
    freeBytes: bytes,
    hasSimulator: z.boolean(),
  }),
});
