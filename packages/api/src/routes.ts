import * as backups from './backups.ts';
import * as browse from './browse.ts';
import * as devices from './devices.ts';
import * as events from './events.ts';
import * as hub from './hub.ts';
import * as jobs from './jobs.ts';
import * as ledger from './ledger.ts';
import type { Route } from './route.ts';
import * as session from './session.ts';
import * as simulator from './simulator.ts';

/** Every route of the hub, by the area it belongs to and then by its name. */
export const api = {
  hub: { readOpenApi: hub.readOpenApi, readHub: hub.readHub },
  session: {
    readSession: session.readSession,
    signIn: session.signIn,
    signOut: session.signOut,
    listPeople: session.listPeople,
    addPerson: session.addPerson,
    changeOwnPassword: session.changeOwnPassword,
  },
  devices: {
    listDevices: devices.listDevices,
    readDevice: devices.readDevice,
    pairDevice: devices.pairDevice,
    backUpDevice: devices.backUpDevice,
    planEncryptionOff: devices.planEncryptionOff,
    changeEncryption: devices.changeEncryption,
    planRestore: devices.planRestore,
    restoreDevice: devices.restoreDevice,
    changeSettings: devices.changeSettings,
    downloadRecoveryKit: devices.downloadRecoveryKit,
  },
  jobs: { listJobs: jobs.listJobs, readJob: jobs.readJob, cancelJob: jobs.cancelJob },
  backups: {
    listBackups: backups.listBackups,
    readBackup: backups.readBackup,
    verifyBackup: backups.verifyBackup,
    archiveBackup: backups.archiveBackup,
    downloadFolder: backups.downloadFolder,
    planDelete: backups.planDelete,
    deleteBackup: backups.deleteBackup,
    compareBackups: backups.compareBackups,
  },
  browse: {
    openBackup: browse.openBackup,
    closeBackup: browse.closeBackup,
    listFiles: browse.listFiles,
    previewFile: browse.previewFile,
    previewPicture: browse.previewPicture,
    downloadFile: browse.downloadFile,
    selectFiles: browse.selectFiles,
    downloadSelection: browse.downloadSelection,
  },
  ledger: { readLedger: ledger.readLedger },
  events: { followEvents: events.followEvents },
  simulator: {
    readSimulator: simulator.readSimulator,
    askSimulator: simulator.askSimulator,
    putIntoSimulator: simulator.putIntoSimulator,
    removeFromSimulator: simulator.removeFromSimulator,
  },
} as const;

/** With the area each belongs to. */
export const ROUTES: readonly (Route & { readonly area: string })[] = Object.entries(api).flatMap(
  ([area, routes]) => Object.values<Route>(routes).map((route) => ({ ...route, area })),
);
