import type { Duplex } from 'node:stream';
import type { Clock } from '@rootcellar/core';
import type { Framing } from './framing.ts';

/**
 * What our client and the simulator say to each other in one service. Recorded once between the two; then each
 * of them hears what the other said, spoilt.
 *
 * Both ends start from the same state each time, use up their stream, and end in a value or a typed error.
 */
export interface Conversation {
  readonly name: string;
  readonly framing: Framing;
  /** Our client; absent where only the simulator speaks this. Its deadlines are of `clock`. */
  readonly host?: (stream: Duplex, clock: Clock) => Promise<unknown>;
  /** The simulator; absent where only our client speaks this. */
  readonly phone?: (stream: Duplex) => Promise<unknown>;
  /** What one side says, where nobody is there to be recorded. */
  readonly says?: readonly Uint8Array[];
  /** How often it is taken, compared with others: what is slow or has little to parse comes less often. */
  readonly weight: number;
}
