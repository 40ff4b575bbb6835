import { z } from 'zod';
import { defineRoute, type Method } from './route.ts';

/*
 * The control address of simulated phones, handed on as it is; only there if the hub was started with --simulate. What
 * can be asked is written in docs/formats/control-api.md. Of another person's phone, nothing.
 */

const forward = <M extends Method>(method: M, name: string) =>
  defineRoute({
    name,
    method,
    path: '/api/simulator/{path}',
    summary: 'Play the owner of a simulated phone',
    params: z.strictObject({ path: z.string().max(2000) }),
    status: 200,
    answer: { contentType: 'application/json' },
  });

export const readSimulator = forward('get', 'readSimulator');
export const askSimulator = forward('post', 'askSimulator');
export const putIntoSimulator = forward('put', 'putIntoSimulator');
export const removeFromSimulator = forward('delete', 'removeFromSimulator');
