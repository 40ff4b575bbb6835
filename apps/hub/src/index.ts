export type { DeviceSource } from './devices/device-source.ts';
export { hubError } from './errors.ts';
export { HUB_PLAN_SENTENCES } from './plans/plan-sentences.ts';
export { type HubOptions, type RunningHub, requireSafeDoor, startHub } from './start-hub.ts';
