export { type BackupSummary, backupSummary } from './backup-summary.ts';
export type { BrowsedBackup, BrowsedFile, Preview } from './browse.ts';
export { ApiError, apiClient, urlOf } from './client.ts';
export { type Device, type DeviceSettings, device, deviceSettings } from './devices.ts';
export { type ErrorAnswer, errorAnswer, type Failure } from './error-answer.ts';
export { type HubEvent, hubEvent } from './events.ts';
export {
  JOB_ENDS,
  JOB_KINDS,
  JOB_STATES,
  type Job,
  type JobKind,
  type JobProgress,
  type JobResult,
  type JobState,
  job,
  jobProgress,
  jobResult,
} from './jobs.ts';
export type { LedgerEntryAnswer } from './ledger.ts';
export { CHANGE_HEADER, openApiDocument } from './openapi.ts';
export type { PlanAnswer, PlanLine, RestorePlanAnswer } from './plan.ts';
export {
  type CheckedInput,
  type Content,
  isContent,
  type Method,
  type Route,
  type RouteAnswer,
  type RouteInput,
} from './route.ts';
export { api, ROUTES } from './routes.ts';
export type { Person } from './session.ts';
