import { z } from 'zod';
import { device } from './devices.ts';
import { job } from './jobs.ts';
import { defineRoute } from './route.ts';
import { id, udid } from './words.ts';

/**
 * What the stream of events tells; `event` is the name of the server-sent event, `data` its JSON.
 *
 * `reset`: events were missed, read everything again. It is also the first event of every new stream.
 */
export const hubEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('reset'), data: z.object({}) }),
    /** Nothing happened, and the hub is here: at least every half minute. Who hears nothing for longer has lost it. */
    z.object({ event: z.literal('here'), data: z.object({}) }),
    z.object({ event: z.literal('device'), data: device }),
    z.object({ event: z.literal('job'), data: job }),
    /** What the owner has to do at the phone now; `null` when that is over. */
    z.object({
      event: z.literal('prompt'),
      data: z.object({ udid, job: id, prompt: z.enum(['trust', 'unlock', 'passcode']).nullable() }),
    }),
    /** The list of backups of a phone has changed. */
    z.object({ event: z.literal('backups'), data: z.object({ udid }) }),
  ])
  .meta({ id: 'HubEvent' });
export type HubEvent = z.infer<typeof hubEvent>;

export const followEvents = defineRoute({
  name: 'followEvents',
  method: 'get',
  path: '/api/events',
  summary: 'Server-sent events; a client that comes back with Last-Event-ID gets what it missed, or `reset`',
  status: 200,
  answer: { contentType: 'text/event-stream' },
});
