export { deviceError, lockdownError, plistStreamError, usbmuxError } from './errors.ts';
export {
  connectDevice,
  type DeviceConnection,
  openLockdown,
  readPairRecord,
} from './lockdown/device-connection.ts';
export { Lockdown } from './lockdown/lockdown.ts';
export { type PairingWait, pair } from './lockdown/pair.ts';
export { encodePairRecord, type PairRecord, parsePairRecord } from './lockdown/pair-record.ts';
export { AFC_SERVICE, type Afc, afcClient } from './services/afc/afc.ts';
export {
  afcError,
  applicationsError,
  deviceLinkError,
  heartbeatError,
  mobilebackup2Error,
} from './services/errors.ts';
export { HEARTBEAT_SERVICE, keepHeartbeat } from './services/heartbeat/heartbeat.ts';
export {
  INSTALLATION_PROXY_SERVICE,
  type InstalledApplication,
  listUserApplications,
} from './services/installation-proxy/installation-proxy.ts';
export type { FinalAnswer } from './services/mobilebackup2/final-answer.ts';
export { greetBackupAgent } from './services/mobilebackup2/hello.ts';
export { type OwnerEvent, watchOwner } from './services/mobilebackup2/owner-events.ts';
export {
  type PasswordChange,
  type RestoreChoices,
  requestBackup,
  requestInfo,
  requestPasswordChange,
  requestRestore,
  WHOLE_DEVICE,
} from './services/mobilebackup2/requests.ts';
export { offerApplications, withdrawApplications } from './services/mobilebackup2/restore-applications.ts';
export {
  MOBILEBACKUP2_SERVICE,
  type SessionProgress,
  type SessionResult,
} from './services/mobilebackup2/session.ts';
export { type SyncLock, takeSyncLock } from './services/mobilebackup2/sync-lock.ts';
export {
  NOTIFICATION_PROXY_SERVICE,
  type NotificationProxy,
  notificationProxyClient,
} from './services/notification-proxy/notification-proxy.ts';
export {
  readAppIcon,
  SPRINGBOARDSERVICES_SERVICE,
} from './services/springboardservices/springboardservices.ts';
export { KEPT, type KeptValue } from './trace/kept-words.ts';
export { type TraceWriter, traceWriter } from './trace/trace-writer.ts';
export type { Direction, Hear, Spoken, Witness } from './trace/witness.ts';
export { parseUsbmuxAddress, type UsbmuxAddress, usbmuxAddress } from './usbmux/address.ts';
export type { Attachment, Device } from './usbmux/attachment.ts';
export { type Usbmux, usbmuxClient, usbmuxOver } from './usbmux/usbmux.ts';
export { watchDevices } from './usbmux/watch-devices.ts';
