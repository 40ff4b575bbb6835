import type { ProgressListener } from '@rootcellar/core';
import { progressDisplay } from './progress-display.ts';

/** How a command speaks to whoever called it. */
export type OutputFormat = 'text' | 'json' | 'jsonl';

/**
 * The two audiences of every command: a person, who reads text and progress on stderr and the result
 * on stdout, and a script, which gets one JSON document on stdout, or a stream of events.
 */
export interface Surface {
  readonly format: OutputFormat;
  /** Is there a person who can answer? */
  readonly canAsk: boolean;
  /** Is what is said read on a screen? Elsewhere it goes to a log, and a log gets no secrets. */
  readonly isOnScreen: boolean;
  /** A sentence for a person, at once. Scripts do not get it. */
  readonly say: (sentence: string) => void;
  readonly onProgress: ProgressListener;
  /** The end: `text` for a person, `document` for a script. */
  readonly finish: (text: string, document: Record<string, unknown>) => void;
  /** Removes a progress bar that is still there. */
  readonly clear: () => void;
  /** Aborts when the command is to end: whoever waits for an answer waits no longer. */
  readonly signal: AbortSignal;
}

export function openSurface(
  format: OutputFormat,
  streams: {
    readonly stdout: NodeJS.WriteStream;
    readonly stderr: NodeJS.WriteStream;
    readonly stdin: NodeJS.ReadStream;
  },
  signal: AbortSignal,
): Surface {
  const { stdout, stderr, stdin } = streams;
  const display = progressDisplay(stderr);
  const line = (value: unknown) => stdout.write(`${JSON.stringify(value)}\n`);
  const isText = format === 'text';
  return {
    format,
    canAsk: isText && stdin.isTTY === true && stderr.isTTY === true,
    isOnScreen: stdout.isTTY === true && stderr.isTTY === true,
    say: (sentence) => {
      if (isText) display.say(sentence);
    },
    onProgress: (event) => {
      if (format === 'jsonl') line({ event: 'progress', ...event });
      else if (isText) display.show(event);
    },
    finish(text, document) {
      display.clear();
      if (format === 'json') line(document);
      else if (format === 'jsonl') line({ event: 'finished', ...document });
      else if (text !== '') stdout.write(`${text}\n`);
    },
    clear: () => display.clear(),
    signal,
  };
}
