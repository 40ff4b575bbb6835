import { AGENT_FAULTS } from './agent-faults.ts';
import type { Fault } from './fault.ts';
import { FILE_FAULTS } from './file-faults.ts';
import { PHONE_STATE_FAULTS } from './phone-state-faults.ts';
import { WIRE_FAULTS } from './wire-faults.ts';

/** Everything that can be made to go wrong. */
export const FAULTS: readonly Fault[] = [
  ...WIRE_FAULTS,
  ...AGENT_FAULTS,
  ...FILE_FAULTS,
  ...PHONE_STATE_FAULTS,
];
