export { type BlobType, blobId, type PreparedBlob } from './chunks/blob.ts';
export { type BlobPool, openBlobPool, type PrepareOptions } from './chunks/blob-pool.ts';
export { compress, compressIfWorth, decompress } from './chunks/compress.ts';
export { type Cut, type CutOptions, cutContent } from './chunks/cut-content.ts';
export { cutFor, START_BYTES } from './chunks/cut-for.ts';
export { formatPolynomial, newPolynomial, parsePolynomial } from './chunks/polynomial.ts';
export { openBytes, SEAL_BYTES, type SealKey, sealBytes } from './chunks/seal.ts';
export { decodeCipherList, encodeCipherList } from './cipher/cipher-list.ts';
export { type CipherRecord, storedBytesOf } from './cipher/cipher-record.ts';
export { type CipherVerdict, decryptProvably } from './cipher/decrypt-provably.ts';
export { type EncryptAgainOptions, encryptAgain, type ReadContent } from './cipher/encrypt-again.ts';
export { provenContent } from './cipher/proven-content.ts';
export { recordFromEnd } from './cipher/record-from-end.ts';
export { storageError, vaultError } from './errors.ts';
export { Contents } from './repository/contents.ts';
export { addKey, changePassword, listKeys, removeKey, type VaultKey } from './repository/keys.ts';
export { type Lock, type LockOptions, removeLocks, takeLock, withLock } from './repository/lock.ts';
export {
  type CreateOptions,
  createRepository,
  hasRepository,
  openRepository,
  type Repository,
} from './repository/repository.ts';
export { type CheckpointOptions, type SaveOptions, saveSnapshot } from './snapshots/save-snapshot.ts';
export {
  ARCHIVED_TAG,
  damagedAt,
  givenUpAt,
  INCOMPLETE_TAG,
  isGivenUp,
  type Snapshot,
  type SnapshotSummary,
  tagsDamaged,
  tagsGivenUp,
  tagsNamedAgain,
  tagsNotWhole,
  tagsReadable,
  tagsVerified,
  unreadableAt,
  verifiedAt,
} from './snapshots/snapshot.ts';
export { deleteSnapshot, findSnapshot, listSnapshots, retagSnapshot } from './snapshots/snapshot-list.ts';
export { openSnapshot } from './snapshots/snapshot-tree.ts';
export { type Faults, faultyStorage, type StorageCall } from './storage/faulty-storage.ts';
export { folderStorage } from './storage/folder-storage.ts';
export { type MemoryStorage, memoryStorage } from './storage/memory-storage.ts';
export { type PatienceOptions, patientStorage } from './storage/patient-storage.ts';
export { type RestStorageOptions, restStorage } from './storage/rest/rest-storage.ts';
export { checkS3Place, type S3Place } from './storage/s3/s3-request.ts';
export { type S3StorageOptions, s3Storage } from './storage/s3/s3-storage.ts';
export type { CallOptions, Storage, StoredFile, StoredFolder, StoredName } from './storage/storage.ts';
export { type CheckOptions, type CheckReport, checkVault } from './upkeep/check.ts';
export { listDamagedRecords, removeDamagedRecords } from './upkeep/damaged-records.ts';
export { type ForgetOptions, forget } from './upkeep/forget.ts';
export type { VaultFinding, VaultFindingCode } from './upkeep/places.ts';
export { type PruneOptions, type PruneReport, prune } from './upkeep/prune.ts';
export { RECOVERED_TAG, type RecoverOptions, recoverTrees } from './upkeep/recover-trees.ts';
export { type IndexRepair, type RepairIndexOptions, repairIndex } from './upkeep/repair-index.ts';
export { type PackRepair, repairPacks } from './upkeep/repair-packs.ts';
export { applyRetention, type KeepReason, type Retained, type RetentionPolicy } from './upkeep/retention.ts';
export { SALVAGED_TAG, type Salvage, salvageSnapshot } from './upkeep/salvage.ts';
export { lacksPacks } from './upkeep/stored-packs.ts';
