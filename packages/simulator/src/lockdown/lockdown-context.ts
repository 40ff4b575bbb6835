import type { Attachment } from '../mux/attachments.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { TrustedHost } from '../phone/trust-table.ts';
import type { Heartbeats } from '../services/heartbeats.ts';
import type { ServicePorts } from './service-ports.ts';
import type { TrustDialogue } from './trust-dialogue.ts';

/** What one lockdown connection knows while it answers a request. */
export interface LockdownContext {
  readonly phone: SimulatedPhone;
  readonly ports: ServicePorts;
  readonly dialogue: TrustDialogue;
  readonly attachment: Attachment;
  readonly heartbeats: Heartbeats;
  /** Set between StartSession and StopSession. */
  readonly session: Session | undefined;
}

export interface Session {
  /** An upper-case UUID. */
  readonly id: string;
  readonly host: TrustedHost;
}
