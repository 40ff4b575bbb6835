export {
  appOfDomain,
  appsOfDomains,
  type Difference,
  domainsOfApp,
  type EntrySelection,
  entryFilter,
  type ManifestEntry,
  type Verdict,
} from '@rootcellar/backup';
export { type FilePreview, PICTURE_BYTES_MAX, pictureType, previewFile } from '@rootcellar/content';
export { type Device, type TraceWriter, traceWriter, type Usbmux, watchDevices } from '@rootcellar/device';
export type { VaultFindingCode } from '@rootcellar/vault';
export {
  type BackUpDeviceOptions,
  type BackupReport,
  backUpDevice,
} from './back-up-device/back-up-device.ts';
export {
  completeBackupFolder,
  folderTarget,
  openBackupFolder,
  openFinishedBackup,
  openReceivedHashes,
} from './back-up-device/backup-folder.ts';
export type {
  BackupTarget,
  CommitOptions,
  Committed,
  OpenTargetOptions,
  UnfinishedBackup,
} from './back-up-device/backup-target.ts';
export { dateWords } from './back-up-device/describe-unfinished.ts';
export type {
  BackupLibrary,
  KeptBackup,
  KeptKind,
  LibraryBackupOptions,
  LibraryBackupReport,
} from './backup-library/backup-library.ts';
export { libraryError } from './backup-library/errors.ts';
export { newestFirst, vaultLibrary } from './backup-library/vault-library.ts';
export type { PasswordSource } from './backup-password.ts';
export type { BackupSource, BackupWhat, OpenableBackup } from './backup-source.ts';
export {
  type BrowseOptions,
  type ExtractBackupOptions,
  extractBackup,
  listFiles,
  type ReadableBackup,
  readBackup,
} from './browse-backup.ts';
export { type ChangeBackupPasswordOptions, changeBackupPassword } from './change-backup-password.ts';
export {
  type ChangeEncryptionOptions,
  changeEncryption,
  type EncryptionChange,
  type EncryptionReport,
} from './change-encryption/change-encryption.ts';
export {
  type EncryptionOptions,
  type EncryptionStatus,
  readEncryptionStatus,
} from './change-encryption/encryption-status.ts';
export { FORGOTTEN_PASSWORD } from './change-encryption/forgotten-password.ts';
export { chooseDevice, type DeviceSummary } from './choose-device.ts';
export { type CompareDeviceBackupsOptions, compareDeviceBackups } from './compare-device-backups.ts';
export {
  type DeviceDetails,
  type DeviceSpace,
  describeDevice,
  type TrustState,
} from './describe-device/describe-device.ts';
export { readBootID } from './device-lock.ts';
export {
  type DiagnoseConnectionOptions,
  type Diagnosis,
  diagnoseConnection,
} from './diagnose-connection/diagnose-connection.ts';
export {
  CHECKS,
  type Check,
  type CheckCode,
  type CheckState,
  FINDINGS,
  type FindingText,
  type Platform,
} from './diagnose-connection/findings.ts';
export { operationError } from './errors.ts';
export { listFolderBackups, rememberFolder } from './known-folders.ts';
export { appendToLedger, type LedgerEntry, type LedgerOutcome, readLedger } from './ledger/ledger.ts';
export { endingOf, type RecordRunOptions, recordRun } from './ledger/record-run.ts';
export { type ListedDevice, listDevices } from './list-devices.ts';
export { type KeychainListing, listKeychain } from './list-keychain.ts';
export { type PairDeviceOptions, type PairedDevice, pairDevice } from './pair-device.ts';
export { type RecordConversationOptions, recordConversation } from './record-conversation.ts';
export {
  planDeviceRestore,
  type RestoreDeviceOptions,
  type RestoreReport,
  restoreDevice,
} from './restore-device/restore-device.ts';
export { PLAN_SENTENCES, type PlanLine } from './restore-plan/plan-line.ts';
export type { PlanRule, RestorePlan } from './restore-plan/restore-plan.ts';
export type { SecretPlace } from './secrets/secret-store.ts';
export { usbmuxOfThisComputer } from './usbmux-of-this-computer.ts';
export { type CreatedVault, type CreateVaultOptions, createVault } from './vault/create-vault.ts';
export {
  type ExportFolderOptions,
  type ExportReport,
  exportFolder,
  type LostFile,
} from './vault/export-folder.ts';
export { type ImportFolderOptions, type ImportReport, importFolder } from './vault/import-folder.ts';
export {
  archiveSnapshot,
  type ClosedVault,
  deleteKeptSnapshot,
  type KeptSnapshot,
  listKeptSnapshots,
  markChecked,
  type SnapshotOptions,
  type UnreadableRecord,
} from './vault/kept-snapshots.ts';
export { type ListedVault, listVaults, type VaultKeyState } from './vault/list-vaults.ts';
export {
  type AcceptedVault,
  acceptPhoneVault,
  type CheckedVault,
  checkPhoneVault,
  forgetInPhoneVault,
  prunePhoneVault,
  repairPhoneVault,
  type VaultOptions,
  type VaultRepair,
} from './vault/maintain-vault.ts';
export { type MovedSecrets, moveVaultSecrets } from './vault/move-vault-secrets.ts';
export { quotedForShell } from './vault/quoted-for-shell.ts';
export { recoveryKit } from './vault/recovery-kit.ts';
export { chooseKept } from './vault/remembered-kept.ts';
export { type MissedBackup, missedError } from './vault/remembered-newest.ts';
export { ID_CHARACTERS, shortID } from './vault/short-id.ts';
export type { StorageSignIn } from './vault/storage-sign-in.ts';
export { newVaultKey } from './vault/vault-key.ts';
export {
  addVaultKey,
  type ChangedKey,
  changeVaultKey,
  listVaultKeys,
  removeVaultKey,
} from './vault/vault-keys.ts';
export { isUnprotected, parseVaultLocation, type VaultLocation } from './vault/vault-location.ts';
export type { Kept, VaultTargetOptions } from './vault/vault-target.ts';
export { vaultTarget } from './vault/vault-target.ts';
export { type BackupAge, type CheckedBackup, verifyDeviceBackup } from './verify-device-backup.ts';
export { zipFiles } from './zip-files/zip-files.ts';
export { zipFolder } from './zip-files/zip-folder.ts';
