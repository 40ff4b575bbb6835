import { simulatorError } from '../errors.ts';
import { FAULTS } from '../faults/fault-registry.ts';
import { readFault } from '../faults/read-fault.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { FaultKindsAnswer } from './control-protocol.ts';
import { field, neededText, Refused } from './control-request.ts';

type Body = Readonly<Record<string, unknown>>;

export function faultKinds(): FaultKindsAnswer {
  const faults = FAULTS.map(({ arm, parameters, ...fault }) => {
    const described = Object.entries(parameters).map(([name, { kind, ...parameter }]) => [name, parameter]);
    return { ...fault, parameters: Object.fromEntries(described) };
  });
  return { faults };
}

/** @throws `Refused` for a fault or a parameter that there is not */
export function armFault(phone: SimulatedPhone, body: Body): void {
  const parameters = body['parameters'] ?? {};
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw new Refused('bad-request', 'parameters has to be an object.');
  }
  const given = { ...parameters, seed: field(body, 'seed', 'string'), times: field(body, 'times', 'number') };
  try {
    phone.faults.arm(phone, readFault(neededText(body, 'name'), given));
  } catch (error) {
    if (simulatorError.matches(error)) throw new Refused('bad-request', `${error.happened} ${error.next}`);
    throw error;
  }
}

/**
 * @param name all of them if absent
 * @throws `Refused` if none of this name is armed
 */
export function disarmFault(phone: SimulatedPhone, name: string | null): void {
  if (name === null) phone.faults.disarmAll();
  else if (!phone.faults.disarm(name)) throw new Refused('no-such-fault', 'No fault of this name is armed.');
}
