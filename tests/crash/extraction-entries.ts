import { fileIDOf, type ManifestEntry } from '@rootcellar/backup';

const MODIFIED = new Date('2024-05-03T08:00:00Z');

/** Made-up files of one size in a few folders. */
export function* extractionEntries(files: number, sizeBytes: number): Generator<ManifestEntry> {
  for (let index = 0; index < files; index++) {
    const relativePath = `Library/${index % 7}/${index}.dat`;
    yield {
      fileID: fileIDOf('HomeDomain', relativePath),
      domain: 'HomeDomain',
      relativePath,
      kind: 'file',
      target: undefined,
      digest: undefined,
      encryptionKey: undefined,
      extendedAttributes: undefined,
      mode: 0o100644,
      inode: index,
      userID: 501,
      groupID: 501,
      modifiedAt: MODIFIED,
      changedAt: MODIFIED,
      bornAt: MODIFIED,
      sizeBytes,
      protectionClass: 3,
      flags: 0,
    };
  }
}
