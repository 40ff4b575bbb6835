export {
  type Change,
  type CompareOptions,
  type Comparison,
  compareBackups,
  type Difference,
  type Tallies,
  type Tally,
} from './compare/compare-backups.ts';
export { fileIDsOfEqualRows } from './compare/equal-rows.ts';
export { decrypt, type Ending } from './content/decrypt.ts';
export { backupError } from './errors.ts';
export { type Extraction, type ExtractOptions, extractFiles, type LeftOut } from './extract/extract-files.ts';
export type { ExtractedFile, ExtractionWriter, Placed } from './extract/extraction-writer.ts';
export { LocalNames } from './extract/local-names.ts';
export { safeSegments } from './extract/safe-segment.ts';
export { domainsOfApp, type EntrySelection, entryFilter } from './filter/entry-filter.ts';
export { globMatcher } from './filter/glob.ts';
export { FINDINGS, type Finding, type FindingCode, type FindingPlace, type Severity } from './finding.ts';
export { type BlobLayout, blobPath, fileIDOf, isFileID } from './folder/blob-path.ts';
export { appOfDomain, appsOfDomains, type DomainParts, domainParts } from './folder/domain.ts';
export { encodeInfo, type InfoValue, type InfoValues } from './folder/encode-info.ts';
export { FileIDSet } from './folder/file-id-set.ts';
export { FileIDTable } from './folder/file-id-table.ts';
export { type BackupInfo, readInfo } from './folder/info.ts';
export { type DeviceOfManifest, type ManifestPlist, readManifestPlist } from './folder/manifest-plist.ts';
export {
  encodeReceivedHashes,
  HASHED_CONTROL_FILES,
  HashTable,
  packHash,
  parseReceivedHashes,
  type ReceivedHashes,
  receivedHashOf,
} from './folder/received-hashes.ts';
export { type BackupStatus, readStatus } from './folder/status.ts';
export { type BackupKeys, unlockKeybag } from './keybag/backup-keys.ts';
export { areSameKeys, manifestPlistWithPassword, rewrapKeybag } from './keybag/change-password.ts';
export { type Keybag, parseKeybag } from './keybag/keybag.ts';
export {
  KEYCHAIN_FILE,
  type KeychainItem,
  type KeychainItemState,
  type KeychainKeys,
  type KeychainKind,
  type KeychainProtection,
  NO_KEYCHAIN_KEYS,
  readKeychain,
} from './keychain/keychain.ts';
export { type FileRecord, parseFileRecord } from './manifest/file-record.ts';
export { type EntryQuery, type Manifest, openManifest, type PlaceQuery } from './manifest/manifest.ts';
export type { CopyOptions } from './manifest/manifest-copy.ts';
export type { EntryKind, ManifestEntry } from './manifest/manifest-entry.ts';
export { type Backup, openBackup, type ReadOptions, unlockBackup } from './open-backup.ts';
export type { Verdict, Verification } from './verify/verification.ts';
export { checkWhole, type VerifyOptions, verifyBackup } from './verify/verify-backup.ts';
