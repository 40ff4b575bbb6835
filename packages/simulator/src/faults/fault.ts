import type { Duplex } from 'node:stream';
import type { PlistDict } from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';
import type { Host } from '../backup-agent/host-folder.ts';
import type { Scan } from '../backup-agent/scan.ts';
import type { AgentRun } from '../backup-agent/session.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';

/** One thing that can be made to go wrong on a phone, as people choose it by name. */
export interface Fault {
  /** `stall`, `no-room` … */
  readonly name: string;
  /** One sentence for lists and help. */
  readonly description: string;
  /** Where it was seen, or that it is ours. */
  readonly source: string;
  readonly parameters: Readonly<Record<string, FaultParameter>>;
  /** How often it strikes before it is over; 0 is "for as long as it is armed". */
  readonly times: number;
  /** Prepares it on a phone. Nothing happens yet, unless the fault is a state of the phone itself. */
  arm(tools: FaultTools): FaultHooks;
}

export type FaultParameter =
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly description: string;
    }
  | {
      readonly kind: 'choice';
      readonly default: string;
      readonly choices: readonly string[];
      readonly description: string;
    };

/** What a fault works with: its parameters, its own chance, and its phone. */
export interface FaultTools {
  readonly phone: SimulatedPhone;
  /** From the seed of the fault, so that the same seed strikes in the same places. */
  readonly random: Random;
  number(parameter: string): number;
  choice(parameter: string): string;
  /** Ask before each blow. @returns false if it has struck as often as it was to */
  strike(): boolean;
}

/**
 * The places where a fault can stand between the phone and the world. Protocol code does not know of
 * faults: it is handed a stream, a host, a scan, and works with it.
 */
export interface FaultHooks {
  /** Around the plain bytes of one conversation with a service, inside its TLS. */
  wrapStream?(stream: Duplex, service: string): Duplex;
  /** Before a connection to a service is served, its TLS included. */
  beforeService?(service: string, signal: AbortSignal): Promise<void>;
  /** Around everything the backup agent does on the computer. */
  wrapHost?(host: Host, run: AgentRun): Host;
  /** What the agent found on the phone. */
  wrapScan?(scan: Scan): Scan;
  /** Before "Trust This Computer?" appears. */
  beforeTrustDialogue?(signal: AbortSignal): Promise<void>;
  /** What lockdown says of a domain. */
  changeValues?(domain: string, values: PlistDict): PlistDict;
  /** How far the phone's clock is from the true time. */
  clockOffsetMs?(): number;
}
