import type { Duplex } from 'node:stream';

/** A client that stops reading does not keep a connection open for longer than this. */
const LAST_WORDS_MS_MAX = 5000;

/** Delivers what was written, then closes both directions. */
export function closeGently(stream: Duplex): void {
  if (stream.destroyed) return;
  const destroy = (): void => {
    clearTimeout(timer);
    stream.destroy();
  };
  const timer = setTimeout(destroy, LAST_WORDS_MS_MAX);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
  if (stream.writableFinished) destroy();
  else stream.end(destroy);
}
