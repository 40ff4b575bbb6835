/** What a page hears from the hub, and whether it hears anything at all. */
export interface EventListeners {
  onEvent(event: string, data: string): void;
  /** The hub answers, or no longer does. */
  onLine(isUp: boolean): void;
}

const KINDS = ['reset', 'here', 'device', 'job', 'prompt', 'backups'] as const;

/** The hub speaks every half minute. A computer that was switched off closes no connection: it just says nothing. */
const SILENCE_MAX_MS = 70_000;

/** A browser opens a broken stream again by itself, but not one that was refused: by a proxy, or for want of a session. */
const OPEN_AGAIN_MS = 3_000;

/** Follows the events of the hub until it is told to stop, however often the hub goes and comes back. */
export function openEventLine({ onEvent, onLine }: EventListeners): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const openIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      onLine(false);
      open();
    }, ms);
  };
  const open = () => {
    source?.close();
    const opened = new EventSource('/api/events');
    source = opened;
    openIn(SILENCE_MAX_MS);
    opened.onopen = () => onLine(true);
    opened.onerror = () => {
      onLine(false);
      if (opened.readyState === EventSource.CLOSED) openIn(OPEN_AGAIN_MS);
    };
    for (const kind of KINDS) {
      opened.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        openIn(SILENCE_MAX_MS);
        onEvent(kind, data);
      });
    }
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
