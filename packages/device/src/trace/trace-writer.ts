import { type RedactedValue, Redactor } from './redactor.ts';
import type { Direction, Spoken, Witness } from './witness.ts';

/** A session that is longer than this is told of up to here. */
const LINES_MAX = 20_000;

/** Longer lines hold lists that a trace is not for. */
const LINE_CHARACTERS_MAX = 256 * 1024;

const NOTE =
  'What was said between a computer and a device. Names, numbers, dates, keys and contents were replaced by ' +
  'placeholders that begin with a dollar sign; kinds of devices, system versions, words of the protocols and error ' +
  'words were not, and neither was the order in which things happened. Please read it before you give it to anybody.';

/** What one line holds, besides the first, the last, and those that only say that a connection was opened. */
export interface TraceLine extends Spoken {
  /** Counts connections from 1; lines of several may alternate. */
  readonly connection: number;
  readonly direction: Direction;
  readonly message: RedactedValue;
}

export interface TraceWriter {
  readonly witness: Witness;
  /** @param outcome a word: an error code, or `done` */
  end(outcome: string): void;
}

/**
 * Writes a redacted trace as JSON lines. See `docs/formats/trace.md`.
 *
 * @param write is given each line with its line end, the first at once
 *
 * @example
 * const lines: string[] = [];
 * const trace = traceWriter((line) => lines.push(line));
 * await usbmuxClient(undefined, trace.witness).listDevices();
 * trace.end('done');
 */
export function traceWriter(write: (line: string) => void): TraceWriter {
  const redactor = new Redactor();
  let connections = 0;
  let lines = 0;
  write(`${JSON.stringify({ trace: 1, note: NOTE })}\n`);
  return {
    witness(spoken) {
      connections += 1;
      const connection = connections;
      if (lines < LINES_MAX) write(`${JSON.stringify({ connection, ...spoken, opened: true })}\n`);
      return (direction, message) => {
        lines += 1;
        if (lines > LINES_MAX) return;
        const line: TraceLine = { connection, ...spoken, direction, message: redactor.redact(message) };
        const text = JSON.stringify(line);
        write(
          text.length > LINE_CHARACTERS_MAX
            ? `${JSON.stringify({ ...line, message: '$cut-off' })}\n`
            : `${text}\n`,
        );
      };
    },
    end: (outcome) => write(`${JSON.stringify({ end: outcome, cutOff: lines > LINES_MAX })}\n`),
  };
}
