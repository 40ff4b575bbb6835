import type { Duplex } from 'node:stream';
import type { Clock, Random } from '@rootcellar/core';
import type { Attachment } from '../mux/attachments.ts';
import { LOCKDOWN_PORT } from './lockdown-port.ts';

/** The ephemeral range, where all ports seen on phones lie. Source: observed, section 5.1. */
const PORT_MIN = 49_152;
const PORT_MAX = 65_535;

/** Source: device-protocols, section 3.9. */
const EXPIRES_MS = 30_000;

/** Pending ports of one phone. Our limit; a backup has three at most. */
const PORTS_MAX = 256;

interface ServicePort {
  readonly serve: (stream: Duplex, attachment: Attachment) => void;
  readonly taken: AbortController;
}

/** The ports that StartService opened and nobody has connected to yet: one connection each, for 30 seconds. */
export class ServicePorts {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ports = new Map<number, ServicePort>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @returns the port, or `undefined` if too many wait to be used */
  open(attachment: Attachment, serve: ServicePort['serve']): number | undefined {
    if (this.#ports.size >= PORTS_MAX) return undefined;
    const port = this.#freePort();
    const taken = new AbortController();
    this.#ports.set(port, { serve, taken });
    const close = (): void => {
      this.#ports.delete(port);
      taken.abort();
    };
    attachment.signal.addEventListener('abort', close, { once: true, signal: taken.signal });
    void this.#clock.sleep(EXPIRES_MS, taken.signal).then(() => {
      if (!taken.signal.aborted) close();
    });
    return port;
  }

  /** Takes the port away from whoever comes next. */
  take(port: number, attachment: Attachment): ((stream: Duplex) => void) | undefined {
    const found = this.#ports.get(port);
    if (found === undefined) return undefined;
    this.#ports.delete(port);
    found.taken.abort();
    return (stream) => found.serve(stream, attachment);
  }

  #freePort(): number {
    for (;;) {
      const port = PORT_MIN + this.#random.below(PORT_MAX - PORT_MIN + 1);
      if (port !== LOCKDOWN_PORT && !this.#ports.has(port)) return port;
    }
  }
}
