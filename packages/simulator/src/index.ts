export type { AgentOptions } from './backup-agent/session.ts';
export {
  compareInventories,
  type Inventory,
  type InventoryDifference,
  takeInventory,
} from './content/inventory.ts';
export type * from './control/control-protocol.ts';
export { simulatorError } from './errors.ts';
export { allErrorReplies } from './faults/error-replies.ts';
export type { Fault, FaultParameter } from './faults/fault.ts';
export { FAULTS } from './faults/fault-registry.ts';
export type { ArmedFault } from './faults/phone-faults.ts';
export { readFault, readFaultText } from './faults/read-fault.ts';
export { createPhoneFiles } from './file-system/create-phone-files.ts';
export type {
  FileContent,
  NodeAttributes,
  PhoneFileSystem,
  PhoneNode,
} from './file-system/phone-file-system.ts';
export { type LivedDays, liveDays } from './life/live-days.ts';
export type { ConnectionType } from './mux/attachments.ts';
export { type DeviceKey, deviceKeyFromPem, makeDeviceKey } from './phone/device-key.ts';
export type { ContentRequest, FilledPhone, FillPhone } from './phone/fill-phone.ts';
export type { PhoneOptions } from './phone/open-phone.ts';
export type { InstalledApp, Phone, PhoneCondition, PhoneIdentity } from './phone/phone.ts';
export { OWNERS, type OwnerKind } from './phone/present-owner.ts';
export type { SimulatedPhone } from './phone/simulated-phone.ts';
export { type Replay, startReplay } from './replay/start-replay.ts';
export type { Service, ServiceContext } from './services/service.ts';
export {
  type ReadyLine,
  readyLine,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from './simulate.ts';
