/**
 * How a session ends that the phone refuses or gives up: the numbers and texts it tells the host.
 *
 * Source: the texts are protocol values observed on iOS 6 to 27, each for the situation its name
 * says. Where a number or text was never seen, `Unknown:` says so.
 */
export class Refusal extends Error {
  readonly errorCode: number;

  constructor(errorCode: number, description: string) {
    super(description);
    this.name = 'Refusal';
    this.errorCode = errorCode;
  }
}

const domain = (code: number): string => `(MBErrorDomain/${code})`;

export const refusals = {
  keychainLocked: () => new Refusal(1, `Error copying keychain data ${domain(1)}`),
  encryptionForced: () =>
    new Refusal(
      1,
      `Error setting WillEncrypt value in lockdown ${domain(1)}. Underlying error: Cannot remove iTunes Backup Encryption - Encrypted Backup MDM setting present on device ${domain(22)}.`,
    ),
  unknownRequest: () => new Refusal(1, `Unsupported request ${domain(1)}`),
  /** Unknown: what a phone says to a request that is meant for another one. */
  wrongTarget: () => new Refusal(1, `Target identifier is not this device ${domain(1)}`),
  noCommonVersion: () => new Refusal(1, `No common protocol version ${domain(1)}`),
  snapshotLeftOver: () =>
    new Refusal(3, `Failed to create snapshot: File exists (17) at path "/private/var" ${domain(3)}`),
  notInManifest: () => new Refusal(4, `File not found in manifest ${domain(4)}`),
  noSuchFile: (path: string) => new Refusal(4, `No such file or directory at path "${path}" ${domain(4)}`),
  hostReadFailed: (path: string) =>
    new Refusal(100, `Input/output error (5) at path "${path}" ${domain(100)}`),
  hostDriveFailed: () => new Refusal(100, `Input/output error (5) ${domain(100)}`),
  restoreLeftOver: () =>
    new Refusal(
      102,
      `Error moving incomplete restore directory into place at path "/var/.backup.i" ${domain(102)}. Underlying error: The file exists (NSCocoaErrorDomain/516). Underlying error: File exists (NSPOSIXErrorDomain/17).`,
    ),
  uploadFailed: () => new Refusal(104, `Multiple errors uploading files ${domain(104)}`),
  hostFull: () => new Refusal(105, `Insufficient free disk space on drive to back up ${domain(105)}`),
  phoneFull: (freeBytes: number, neededBytes: number) =>
    new Refusal(
      105,
      `Insufficient free disk space on device to restore (${freeBytes} < ${neededBytes}) ${domain(105)}`,
    ),
  /** Unknown: the number is 203 according to one open-source reader; no phone was seen to send it. */
  versionNotSupported: (backup: string, phone: string) =>
    new Refusal(203, `Backup was made by a newer version (${backup} > ${phone}) ${domain(203)}`),
  propertiesEmpty: () =>
    new Refusal(
      205,
      `Error reading backup properties ${domain(205)}. Underlying error: Error deserializing properties: Cannot parse a NULL or zero-length data ${domain(11)}.`,
    ),
  propertiesMissing: (path: string) =>
    new Refusal(
      205,
      `Error reading backup properties ${domain(205)}. Underlying error: No such file or directory at path "${path}" ${domain(4)}.`,
    ),
  databaseMissing: (path: string) =>
    new Refusal(
      205,
      `Error reading backup database ${domain(205)}. Underlying error: No such file or directory at path "${path}" ${domain(4)}.`,
    ),
  /** Unknown: the underlying text for a database that is there but damaged. */
  databaseDamaged: () => new Refusal(205, `Error reading backup database ${domain(205)}`),
  /** Unknown: hosts refuse to offer such a backup before the phone can. */
  notFinished: (state: string) => new Refusal(205, `Backup is not finished: ${state} ${domain(205)}`),
  downloadFailed: () => new Refusal(205, `Multiple errors downloading files ${domain(205)}`),
  /** Unknown: the text; a plain file among encrypted ones was seen to end with this number. */
  payloadNotSealed: () => new Refusal(205, `Multiple errors downloading files ${domain(205)}`),
  digestWrong: () => new Refusal(205, `Digest didn't match for some files ${domain(205)}`),
  payloadsMissing: () => new Refusal(205, `Manifest references files not in backup ${domain(205)}`),
  domainHasSlash: () => new Refusal(205, `Domain name cannot contain a slash ${domain(205)}`),
  domainUnknown: () => new Refusal(205, `Unknown domain name in file record ${domain(205)}`),
  fileTypeInvalid: (mode: number) =>
    new Refusal(205, `Invalid file type: ${(mode >> 12).toString(16).padStart(2, '0')} ${domain(205)}`),
  /** Unknown: the text for a path that leaves its domain. */
  pathInvalid: () => new Refusal(205, `Invalid path in file record ${domain(205)}`),
  passwordWrong: () =>
    new Refusal(
      207,
      `Invalid password when restoring encrypted backup ${domain(207)}. Underlying error: MKBKeyBagUnlock error (-3) ${domain(207)}.`,
    ),
  passwordNotAccepted: () => new Refusal(207, `Invalid password ${domain(207)}`),
  deviceLocked: () => new Refusal(208, `Device locked ${domain(208)}`),
  findMyOn: () => new Refusal(211, `Find My iPhone must be disabled before restoring ${domain(211)}`),
  notSetUp: () => new Refusal(212, `Unable to backup until Setup is finished ${domain(212)}`),
} as const;
