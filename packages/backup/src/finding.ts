/**
 * What a finding means for the backup as a whole.
 *
 * - `damage`: something that was backed up cannot be restored as it was
 * - `incomplete`: the backup was never finished
 * - `doubt`: we could not check something, or it can be explained without damage
 * - `information`: odd, but harmless
 */
export type Severity = 'damage' | 'incomplete' | 'doubt' | 'information';

interface FindingKind {
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
}

const OTHER_COPY = 'Use another copy of this backup if there is one, or make a new backup.';
const NEW_BACKUP = 'Make a new backup.';
const NOTHING = 'Nothing needs to be done.';

/** Every finding there is, for people; codes are stable, wording is not. */
export const FINDINGS = {
  'info-unreadable': {
    severity: 'incomplete',
    message: 'Info.plist is missing or cannot be read; without it the backup cannot be restored.',
    remedy: OTHER_COPY,
  },
  'status-unreadable': {
    severity: 'incomplete',
    message: 'Status.plist is missing or cannot be read, so nothing says that the backup was finished.',
    remedy: NEW_BACKUP,
  },
  'status-unknown': {
    severity: 'doubt',
    message: 'Status.plist does not say whether the backup was finished.',
    remedy: NEW_BACKUP,
  },
  'not-finished': {
    severity: 'incomplete',
    message: 'The backup was interrupted before it was finished.',
    remedy: 'Back up the device again.',
  },
  'snapshot-left-over': {
    severity: 'information',
    message: 'Files of an interrupted backup lie beside the finished one.',
    remedy: NOTHING,
  },
  'manifest-plist-unreadable': {
    severity: 'damage',
    message: 'Manifest.plist is missing or cannot be read.',
    remedy: OTHER_COPY,
  },
  'manifest-missing': {
    severity: 'incomplete',
    message: 'The list of files (Manifest.db) is missing.',
    remedy: NEW_BACKUP,
  },
  'manifest-unreadable': {
    severity: 'damage',
    message: 'The list of files (Manifest.db) cannot be read.',
    remedy: OTHER_COPY,
  },
  'manifest-encrypted': {
    severity: 'doubt',
    message: 'The list of files is encrypted; without the backup password the files cannot be checked.',
    remedy: 'Verify again with the backup password.',
  },
  'manifest-sealed': {
    severity: 'information',
    message:
      'The list of files is encrypted. Each file was compared with what the device sent, but not opened.',
    remedy: 'To look inside, verify again with the backup password.',
  },
  'manifest-version-unknown': {
    severity: 'doubt',
    message: 'The list of files is of a version that we do not know.',
    remedy: 'Look for a newer version of this program.',
  },
  'manifest-journal': {
    severity: 'doubt',
    message: 'Another program changed the list of files and left its journal beside it.',
    remedy: OTHER_COPY,
  },
  'identities-differ': {
    severity: 'doubt',
    message: 'Info.plist and Manifest.plist name different devices.',
    remedy: 'Check whether two backups were mixed.',
  },
  'row-unreadable': {
    severity: 'damage',
    message: 'An entry in the list of files cannot be read.',
    remedy: OTHER_COPY,
  },
  'row-incomplete': {
    severity: 'doubt',
    message: 'An entry in the list of files lacks its place or its description, as after an interruption.',
    remedy: NEW_BACKUP,
  },
  'row-contradicts-itself': {
    severity: 'doubt',
    message: 'An entry in the list of files says two different things about its kind or name.',
    remedy: NEW_BACKUP,
  },
  'file-id-wrong': {
    severity: 'damage',
    message: 'An entry in the list of files has a name that does not fit its place.',
    remedy: OTHER_COPY,
  },
  'blob-missing': {
    severity: 'damage',
    message: 'The content of a file is missing.',
    remedy: OTHER_COPY,
  },
  /** A phone that cannot read one of its files sends it empty and finishes all the same. */
  'blob-empty': {
    severity: 'doubt',
    message: 'A file is empty: the device could not read it, or its content was lost later.',
    remedy: 'If the folder is synchronised with a cloud, let it download everything, then verify again.',
  },
  'blob-unreadable': {
    severity: 'damage',
    message: 'The content of a file cannot be read from the disk.',
    remedy:
      'Check the disk, then verify again. In a vault, the next backup has the iPhone send again what it still has; rootcellar extract gets out what is whole.',
  },
  'blob-size-impossible': {
    severity: 'damage',
    message: 'The content of an encrypted file has a size that encryption never gives.',
    remedy: OTHER_COPY,
  },
  'digest-wrong': {
    severity: 'damage',
    message: 'The content of a file has changed since the backup.',
    remedy: OTHER_COPY,
  },
  'hashes-unreadable': {
    severity: 'damage',
    message: 'The list of hashes that is kept beside the backup is damaged; the files may be whole.',
    remedy: 'In a vault, make a new backup. What can be extracted or exported is what was stored.',
  },
  'digest-unknown': {
    severity: 'doubt',
    message: 'The check value of a file is of a kind that we do not know.',
    remedy: 'Look for a newer version of this program.',
  },
  'length-differs': {
    severity: 'doubt',
    message: 'A file is shorter or longer than recorded: it changed during the backup, or was damaged later.',
    remedy: 'If the file matters, look at it; the next backup stores it again if it changed.',
  },
  'length-differs-database': {
    severity: 'information',
    message: 'A database has another size than on the device, because it was compacted for the backup.',
    remedy: NOTHING,
  },
  'length-unknown': {
    severity: 'doubt',
    message: 'The list of files does not say how long a file is.',
    remedy: NOTHING,
  },
  'database-cut-short': {
    severity: 'doubt',
    message: 'A database is shorter than its own header says.',
    remedy: 'If the app matters, look at its data; the next backup stores it again if it changed.',
  },
  'keybag-unreadable': {
    severity: 'damage',
    message: 'The keybag of the encrypted backup is missing or damaged: no password opens it any more.',
    remedy: OTHER_COPY,
  },
  'class-key-damaged': {
    severity: 'damage',
    message: 'One of the keys in the keybag is damaged; files that need it cannot be opened.',
    remedy: OTHER_COPY,
  },
  'manifest-key-unreadable': {
    severity: 'damage',
    message: 'The key of the list of files is missing or damaged.',
    remedy: OTHER_COPY,
  },
  'file-key-damaged': {
    severity: 'damage',
    message: 'The key of a file does not open, so its content is lost.',
    remedy: OTHER_COPY,
  },
  'padding-wrong': {
    severity: 'damage',
    message: 'The end of an encrypted file is damaged.',
    remedy: OTHER_COPY,
  },
  'changed-since-received': {
    severity: 'damage',
    message: 'The content of a file is not what the device sent.',
    remedy: OTHER_COPY,
  },
  'received-hashes-unreadable': {
    severity: 'doubt',
    message: 'The file of hashes beside the backup cannot be read, so fewer files can be proved.',
    remedy: NEW_BACKUP,
  },
  'database-damaged': {
    severity: 'doubt',
    message: 'A database is damaged inside: already on the device, or later; the backup cannot tell.',
    remedy: 'Open the app on the device. If its data is fine there, make a new backup.',
  },
  'plist-damaged': {
    severity: 'doubt',
    message: 'A property list is damaged inside: already on the device, or later; the backup cannot tell.',
    remedy: 'If the app works on the device, make a new backup.',
  },
  'image-cut-short': {
    severity: 'doubt',
    message: 'A picture or film is cut short: already on the device, or later; the backup cannot tell.',
    remedy: 'Look at it on the device. If it is fine there, make a new backup.',
  },
  'damaged-on-device': {
    severity: 'information',
    message: 'A file is damaged inside, exactly as it was on the device.',
    remedy: 'Look at it on the device; a backup cannot mend it.',
  },
  'inside-cannot-tell': {
    severity: 'information',
    message: 'A file could not be looked into: it needs something that only its app has.',
    remedy: NOTHING,
  },
  'blob-misplaced': {
    severity: 'information',
    message: 'The content of a file lies in the wrong folder of the backup, where no device looks for it.',
    remedy: 'If the file is reported missing too, move it to the folder named like its first two letters.',
  },
  'blob-without-row': {
    severity: 'information',
    message: 'A file lies in the backup that the list does not name, as after an interruption.',
    remedy: NOTHING,
  },
  'blob-of-no-file': {
    severity: 'information',
    message: 'A folder or link in the list has content, which it should not have.',
    remedy: NOTHING,
  },
  'name-unexpected': {
    severity: 'information',
    message: 'A file lies in the backup that does not belong there.',
    remedy: 'Move it away when convenient; it does no harm.',
  },
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof FINDINGS;

/** Where a finding was made. Domain and path are names from the device: show them, do not log them. */
export interface FindingPlace {
  readonly fileID?: string;
  readonly domain?: string;
  readonly path?: string;
}

export interface Finding extends FindingPlace {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** For people. */
  readonly message: string;
  readonly remedy: string;
}

export function finding(code: FindingCode, place: FindingPlace = {}): Finding {
  return { code, ...FINDINGS[code], ...place };
}
