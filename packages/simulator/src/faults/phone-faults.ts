import type { Duplex } from 'node:stream';
import type { PlistDict } from '@rootcellar/codecs';
import { type Clock, seededRandom } from '@rootcellar/core';
import type { Host } from '../backup-agent/host-folder.ts';
import type { Scan } from '../backup-agent/scan.ts';
import type { AgentRun } from '../backup-agent/session.ts';
import { simulatorError } from '../errors.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { FaultHooks } from './fault.ts';
import type { FaultRequest } from './read-fault.ts';

/** A fault that stands ready on a phone, or has struck as often as it was to. */
export interface ArmedFault {
  readonly name: string;
  readonly seed: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** 0 is always. */
  readonly times: number;
  /** How often it has struck so far. */
  readonly struck: number;
}

/** Our limit; each may stand around every byte. */
const ARMED_MAX = 32;

interface Armed extends ArmedFault {
  struck: number;
  readonly hooks: FaultHooks;
}

/** What is to go wrong on one phone, and the places where it can. */
export class PhoneFaults {
  readonly #armed = new Map<string, Armed>();

  list(): readonly ArmedFault[] {
    return [...this.#armed.values()].map(({ hooks, ...fault }) => ({ ...fault }));
  }

  /**
   * Arms a fault; one of the same name is replaced.
   *
   * @throws `simulator.too-many-faults`
   */
  arm(phone: SimulatedPhone, { fault, parameters, times, seed = fault.name }: FaultRequest): ArmedFault {
    if (this.#armed.size >= ARMED_MAX) throw simulatorError('too-many-faults', { faultsMax: ARMED_MAX });
    const about = { name: fault.name, seed, parameters, times, struck: 0 };
    const strike = (): boolean => {
      if (this.#armed.get(fault.name) !== armed || (times !== 0 && armed.struck >= times)) return false;
      armed.struck += 1;
      return true;
    };
    const hooks = fault.arm({
      phone,
      random: seededRandom(`fault/${fault.name}/${seed}`),
      number: (parameter) => Number(parameters[parameter]),
      choice: (parameter) => String(parameters[parameter]),
      strike,
    });
    const armed: Armed = { ...about, hooks };
    this.#armed.set(fault.name, armed);
    return about;
  }

  /** @returns false if none of this name was armed */
  disarm(name: string): boolean {
    return this.#armed.delete(name);
  }

  disarmAll(): void {
    this.#armed.clear();
  }

  wrapStream(stream: Duplex, service: string): Duplex {
    return this.#through(stream, (inner, hooks) => hooks.wrapStream?.(inner, service));
  }

  async beforeService(service: string, signal: AbortSignal): Promise<void> {
    for (const { hooks } of this.#armed.values()) await hooks.beforeService?.(service, signal);
  }

  wrapHost(host: Host, run: AgentRun): Host {
    return this.#through(host, (inner, hooks) => hooks.wrapHost?.(inner, run));
  }

  wrapScan(scan: Scan): Scan {
    return this.#through(scan, (found, hooks) => hooks.wrapScan?.(found));
  }

  async beforeTrustDialogue(signal: AbortSignal): Promise<void> {
    for (const { hooks } of this.#armed.values()) await hooks.beforeTrustDialogue?.(signal);
  }

  changeValues(domain: string, values: PlistDict): PlistDict {
    return this.#through(values, (said, hooks) => hooks.changeValues?.(domain, said));
  }

  /** The phone's clock: true, unless a fault moves it. How time passes is not changed. */
  clockOn(clock: Clock): Clock {
    const offsetMs = (): number =>
      [...this.#armed.values()].reduce((sum, { hooks }) => sum + (hooks.clockOffsetMs?.() ?? 0), 0);
    return {
      now: () => new Date(clock.now().getTime() + offsetMs()),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
  }

  #through<Thing>(thing: Thing, wrap: (thing: Thing, hooks: FaultHooks) => Thing | undefined): Thing {
    let wrapped = thing;
    for (const { hooks } of this.#armed.values()) wrapped = wrap(wrapped, hooks) ?? wrapped;
    return wrapped;
  }
}
