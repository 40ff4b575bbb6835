import type { HubEvent } from '@rootcellar/api';
import type { EventBus } from './event-bus.ts';

/** Proxies close connections on which nothing is said for a minute, and a page cannot see that a cable was pulled. */
const STILL_HERE_MS = 25_000;

/**
 * The body of one `text/event-stream`.
 *
 * Nothing is queued for a listener: it holds its place among the events that are kept anyway, and is woken to read on
 * when its connection takes more. One that falls too far behind gets `reset`. So a slow page costs no memory.
 * It ends when the bus sends its listener away.
 */
export function eventStream(options: {
  readonly bus: EventBus;
  readonly personID: string;
  readonly sessionID: string;
  readonly isOperator: boolean;
  /** Of the last event that the client has seen. */
  readonly lastEventID: string | undefined;
}): ReadableStream<Uint8Array> {
  const { bus, personID, sessionID, isOperator } = options;
  const encoder = new TextEncoder();
  let place = bus.numberOf(options.lastEventID);
  let isNews = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const listener = { personID, sessionID, wake: () => isNews() };
  const stop = bus.listen(listener);

  const news = (): string => {
    const missed = place === undefined ? undefined : bus.after(place);
    place = bus.lastNumber;
    const id = bus.idOf(place);
    if (missed === undefined) return frame({ event: 'reset', data: {} }, id);
    const told = latest(missed.flatMap(({ forPerson }) => forPerson(personID, isOperator) ?? []));
    return told.map((event) => frame(event, id)).join('');
  };

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        if (!bus.isListening(listener)) return controller.close();
        const text = news();
        if (text !== '') return controller.enqueue(encoder.encode(text));
        const isQuiet = await new Promise<boolean>((resolve) => {
          isNews = () => resolve(false);
          timer = setTimeout(() => resolve(true), STILL_HERE_MS);
        });
        clearTimeout(timer);
        if (!isQuiet) continue;
        const id = bus.idOf(place ?? bus.lastNumber);
        return controller.enqueue(encoder.encode(frame({ event: 'here', data: {} }, id)));
      }
    },
    cancel() {
      clearTimeout(timer);
      stop();
    },
  });
}

/** Of many states of one thing only the last matters. */
function latest(events: readonly HubEvent[]): readonly HubEvent[] {
  const byThing = new Map<string, HubEvent>();
  for (const event of events) {
    const thing = thingOf(event);
    byThing.delete(thing);
    byThing.set(thing, event);
  }
  return [...byThing.values()];
}

function thingOf(event: HubEvent): string {
  if (event.event === 'job') return `job ${event.data.id}`;
  if (event.event === 'reset' || event.event === 'here') return event.event;
  return `${event.event} ${event.data.udid}`;
}

/** JSON has no line breaks, so no name from a phone can begin a line of its own. */
function frame(told: HubEvent, id: string): string {
  const text = TEXTS.get(told) ?? `event: ${told.event}\ndata: ${JSON.stringify(told.data)}\n\n`;
  TEXTS.set(told, text);
  return `id: ${id}\n${text}`;
}

/** Of events that many listeners read. */
const TEXTS = new WeakMap<HubEvent, string>();
