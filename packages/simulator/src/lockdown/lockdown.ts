import type { Duplex } from 'node:stream';
import type { Attachment } from '../mux/attachments.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { Heartbeats } from '../services/heartbeats.ts';
import type { Service } from '../services/service.ts';
import { ServiceTable } from '../services/service-table.ts';
import { serveLockdown } from './lockdown-conversation.ts';
import { LOCKDOWN_PORT } from './lockdown-port.ts';
import { ServicePorts } from './service-ports.ts';
import { TrustDialogue } from './trust-dialogue.ts';

/**
 * Everything that can be reached on a phone: lockdown, and the services behind the ports it opens.
 *
 * @returns who takes a connection to a port, `undefined` if nothing listens there
 */
export function lockdownPorts(
  phone: SimulatedPhone,
  services: readonly Service[],
): (port: number, attachment: Attachment) => ((stream: Duplex) => void) | undefined {
  const table = new ServiceTable(phone, services);
  const ports = new ServicePorts(phone.clock, phone.random);
  const heartbeats = new Heartbeats(phone.clock);
  const dialogue = new TrustDialogue({
    askTrust: async (computer, signal) => {
      await phone.faults.beforeTrustDialogue(signal);
      return phone.owner.askTrust(computer, signal);
    },
  });
  return (port, attachment) => {
    if (port !== LOCKDOWN_PORT) return ports.take(port, attachment);
    return (stream) => void serveLockdown(stream, { phone, ports, dialogue, heartbeats, attachment }, table);
  };
}
