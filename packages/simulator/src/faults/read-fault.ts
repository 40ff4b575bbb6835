import { simulatorError } from '../errors.ts';
import type { Fault, FaultParameter } from './fault.ts';
import { FAULTS } from './fault-registry.ts';

/** A fault as it is to be armed: every parameter has its value. */
export interface FaultRequest {
  readonly fault: Fault;
  readonly seed: string | undefined;
  readonly times: number;
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** Parameters that every fault has. */
const SEED = 'seed';
const TIMES = 'times';

const TIMES_MAX = 1_000_000;

/**
 * Reads what people write after `--fault`.
 *
 * @example readFaultText('disconnect-after-bytes:bytes=5000,times=2')
 * @throws `simulator.fault-unknown`, `simulator.fault-parameter-invalid`
 */
export function readFaultText(text: string): FaultRequest {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const pairs = colon < 0 ? [] : text.slice(colon + 1).split(',');
  const given = pairs.map((pair): readonly [string, string] => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw simulatorError('fault-parameter-invalid', { parameter: pair, fault: name });
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return readFault(name, Object.fromEntries(given));
}

/** @throws `simulator.fault-unknown`, `simulator.fault-parameter-invalid` */
export function readFault(name: string, given: Readonly<Record<string, unknown>>): FaultRequest {
  const fault = FAULTS.find((known) => known.name === name);
  if (!fault) {
    throw simulatorError('fault-unknown', { faults: FAULTS.map((known) => known.name).join(' ') });
  }
  const known = [...Object.keys(fault.parameters), SEED, TIMES];
  const strange = Object.keys(given).find((parameter) => !known.includes(parameter));
  if (strange !== undefined)
    throw simulatorError('fault-parameter-invalid', { parameter: strange, fault: name });
  const read = (parameter: string, definition: FaultParameter): number | string => {
    const value = readValue(given[parameter], definition);
    if (value === undefined) throw simulatorError('fault-parameter-invalid', { parameter, fault: name });
    return value;
  };
  const parameters = Object.entries(fault.parameters).map(([parameter, definition]) => [
    parameter,
    read(parameter, definition),
  ]);
  const times = read(TIMES, {
    kind: 'number',
    default: fault.times,
    min: 0,
    max: TIMES_MAX,
    description: 'how often it strikes; 0 is always',
  });
  const seed = given[SEED] === undefined ? undefined : String(given[SEED]);
  return { fault, seed, times: Number(times), parameters: Object.fromEntries(parameters) };
}

/** @returns `undefined` for what the parameter does not allow */
function readValue(given: unknown, definition: FaultParameter): number | string | undefined {
  if (given === undefined) return definition.default;
  if (definition.kind === 'choice') {
    return definition.choices.find((choice) => choice === given);
  }
  const value = typeof given === 'string' && given !== '' ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  return value >= definition.min && value <= definition.max ? value : undefined;
}
