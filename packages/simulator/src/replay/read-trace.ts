import { simulatorError } from '../errors.ts';

/** One message of a trace. Source: docs/formats/trace.md. */
export interface TracedMessage {
  readonly connection: number;
  readonly layer: 'usbmux' | 'lockdown' | 'service';
  readonly service?: string;
  /** Seen from the computer; absent in the line that says that the connection was opened. */
  readonly direction?: 'sent' | 'received';
  /** With placeholders. */
  readonly message?: unknown;
}

/** Our limits; those of who writes traces are smaller. */
const TRACE_CHARACTERS_MAX = 256 * 1024 * 1024;
const MESSAGES_MAX = 100_000;

/**
 * @param text JSON lines; a last line that was cut off is left out
 * @throws `simulator.trace-unreadable`
 */
export function readTrace(text: string): readonly TracedMessage[] {
  if (text.length > TRACE_CHARACTERS_MAX) throw simulatorError('trace-unreadable', { line: 0 });
  const [first = '', ...lines] = text.split('\n');
  if (!isRecord(parse(first, 1)) || parse(first, 1)['trace'] !== 1)
    throw simulatorError('trace-unreadable', { line: 1 });
  if (lines.length > MESSAGES_MAX) throw simulatorError('trace-unreadable', { line: MESSAGES_MAX });
  // What follows the last line end is nothing, or a line that nobody finished.
  return lines.slice(0, -1).flatMap((line, index) => {
    const value = parse(line, index + 2);
    if ('end' in value) return [];
    if (!isTraced(value)) throw simulatorError('trace-unreadable', { line: index + 2 });
    return [value];
  });
}

function parse(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (isRecord(value)) return value;
  } catch {
    // Told below, with the number of the line.
  }
  throw simulatorError('trace-unreadable', { line: number });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTraced(value: Record<string, unknown>): value is Record<string, unknown> & TracedMessage {
  const { connection, layer, direction, service, opened } = value;
  return (
    typeof connection === 'number' &&
    ['usbmux', 'lockdown', 'service'].includes(String(layer)) &&
    (service === undefined || typeof service === 'string') &&
    (opened === true || (['sent', 'received'].includes(String(direction)) && 'message' in value))
  );
}
