import { api } from '@rootcellar/api';
import { getCookie } from 'hono/cookie';
import { hubError } from '../../errors.ts';
import { eventStream } from '../../events/event-stream.ts';
import type { Hub } from '../../hub.ts';
import { cookieName } from '../guards.ts';
import { type HubRouter, serve } from '../serve-route.ts';

/** A family with twenty pages open each has less. */
const LISTENERS_MAX = 500;

export function serveEvents(router: HubRouter, hub: Hub): void {
  serve(router, api.events.followEvents, (_, { person, sessionID, context }) => {
    if (hub.bus.listenerCount >= LISTENERS_MAX) throw hubError('too-many-listeners');
    const token = getCookie(context, cookieName(context));
    const body = eventStream({
      bus: hub.bus,
      personID: person.id,
      isOperator: person.isOperator,
      lastEventID: context.req.header('last-event-id'),
      isWelcome: async () => (await hub.signIn.whoHas(token))?.sessionID === sessionID,
    });
    return new Response(body, {
      headers: { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' },
    });
  });
}
