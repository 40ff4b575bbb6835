import type { Duplex } from 'node:stream';
import { ByteChannel } from '@rootcellar/core';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { TrustedHost } from '../phone/trust-table.ts';
import { closeGently } from '../wire/close-gently.ts';
import { serveTls } from '../wire/tls-server.ts';
import type { Service } from './service.ts';

/** Source: device-protocols, section 3.7: mobilebackup2 reported a limit of 5. Applied to each service. */
const CONVERSATIONS_MAX = 5;

export interface ServiceConnection {
  readonly stream: Duplex;
  /** Whose certificates protect the connection; plain bytes if absent. */
  readonly host: TrustedHost | undefined;
  readonly escrowUnlocked: boolean;
  readonly signal: AbortSignal;
  readonly beat?: () => void;
}

/** What one phone offers, and how many conversations are going on. */
export class ServiceTable {
  readonly #phone: SimulatedPhone;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #conversations = new Map<Service, number>();

  constructor(phone: SimulatedPhone, services: readonly Service[]) {
    this.#phone = phone;
    this.#services = new Map(services.map((service) => [service.name, service]));
  }

  find(name: string): Service | undefined {
    return this.#services.get(name);
  }

  hasRoomFor(service: Service): boolean {
    return (this.#conversations.get(service) ?? 0) < CONVERSATIONS_MAX;
  }

  /** Holds one conversation from handshake to close. Never throws: a service that fails ends its connection. */
  async serve(service: Service, connection: ServiceConnection): Promise<void> {
    this.#count(service, 1);
    const { faults } = this.#phone;
    try {
      await faults.beforeService(service.name, connection.signal);
      const stream = await this.#secure(connection);
      await this.#converse(service, faults.wrapStream(stream, service.name), connection);
    } catch {
      connection.stream.destroy();
    } finally {
      this.#count(service, -1);
    }
  }

  async #secure({ stream, host }: ServiceConnection): Promise<Duplex> {
    if (!host) return stream;
    return serveTls(stream, {
      privateKey: this.#phone.deviceKey.privateKey,
      certificate: host.deviceCertificate,
      accepted: [host.hostCertificate, host.rootCertificate],
      versionMax: this.#phone.system.tlsVersionMax,
    });
  }

  async #converse(service: Service, stream: Duplex, connection: ServiceConnection): Promise<void> {
    const { signal, escrowUnlocked, beat } = connection;
    const channel = new ByteChannel(stream);
    const leave = (): void => leaveBecause(signal.reason, stream, channel);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      await service.serve({ phone: this.#phone, channel, signal, escrowUnlocked, ...(beat && { beat }) });
      closeGently(channel.release());
    } catch {
      channel.destroy();
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #count(service: Service, change: number): void {
    this.#conversations.set(service, (this.#conversations.get(service) ?? 0) + change);
  }
}

/** A phone that restarts still delivers its last words; a pulled cable does not. */
function leaveBecause(reason: unknown, stream: Duplex, channel: ByteChannel): void {
  if (reason === 'restarted') closeGently(stream);
  else channel.destroy();
}
