import { api } from '@rootcellar/api';
import { hubError } from '../../errors.ts';
import { eventStream } from '../../events/event-stream.ts';
import type { Hub } from '../../hub.ts';
import { type HubRouter, serve } from '../serve-route.ts';

/** A family with twenty pages open each has less. */
const LISTENERS_MAX = 500;

export function serveEvents(router: HubRouter, hub: Hub): void {
  serve(router, api.events.followEvents, (_, { person, sessionID, context }) => {
    if (hub.bus.listenerCount >= LISTENERS_MAX) throw hubError('too-many-listeners');
    const body = eventStream({
      bus: hub.bus,
      personID: person.id,
      sessionID,
      isOperator: person.isOperator,
      lastEventID: context.req.header('last-event-id'),
    });
    return new Response(body, {
      headers: { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' },
    });
  });
}
