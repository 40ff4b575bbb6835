import type { Random } from '@rootcellar/core';
import type { FileContent, NodeAttributes, PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { folderOf } from '../file-system/phone-path.ts';

/**
 * Owners, modes and protection classes by place.
 * Source: observed on 27.0 (iPad16,2), section 2.4.
 * Unknown: the name of the attribute that tells the publisher; its values are those observed.
 */
const STYLES = {
  home: { permissions: 0o600, userID: 501, groupID: 501, protectionClass: 4, publisher: 'BackupAgent2' },
  shared: { permissions: 0o644, userID: 501, groupID: 501, protectionClass: 4, publisher: 'BackupAgent2' },
  managed: { permissions: 0o755, userID: 501, groupID: 501, protectionClass: 4, publisher: 'BackupAgent2' },
  database: { permissions: 0o644, userID: 0, groupID: 0, protectionClass: 4, publisher: 'BackupAgent2' },
  system: { permissions: 0o644, userID: 0, groupID: 0, protectionClass: 4, publisher: undefined },
  systemContainer: {
    permissions: 0o644,
    userID: -2,
    groupID: -2,
    protectionClass: 4,
    publisher: 'containermanagerd_system',
  },
  app: { permissions: 0o644, userID: 501, groupID: 501, protectionClass: 3, publisher: undefined },
} as const;

/** One map for all files of a publisher: a phone has hundreds of thousands. */
const PUBLISHED: ReadonlyMap<string | undefined, ReadonlyMap<string, Uint8Array>> = new Map(
  ['BackupAgent2', 'containermanagerd_system'].map((publisher) => [
    publisher,
    new Map([['com.apple.publisher', new TextEncoder().encode(publisher)]]),
  ]),
);

const NONE: ReadonlyMap<string, Uint8Array> = new Map();

export type PlacingStyle = keyof typeof STYLES;

/** Puts things on the disk with believable ages: each was made, and changed later, before now. */
export interface Placing {
  file(path: string, content: Uint8Array | FileContent, style: PlacingStyle, more?: NodeAttributes): void;
  folder(path: string, style: PlacingStyle, more?: NodeAttributes): void;
  link(path: string, target: string, style: PlacingStyle): void;
}

const DAY_SECONDS = 86_400;

/** Nothing is older than this many days. */
const AGE_DAYS_MAX = 400;

export function placing(files: PhoneFileSystem, random: Random, now: Date): Placing {
  const nowSeconds = Math.floor(now.getTime() / 1000);
  const ages = (): NodeAttributes => {
    const bornAt = nowSeconds - 60 - random.below(AGE_DAYS_MAX * DAY_SECONDS);
    const modifiedAt = bornAt + random.below(nowSeconds - 59 - bornAt);
    return { bornAt, modifiedAt, changedAt: modifiedAt };
  };
  const folder = (path: string, style: PlacingStyle, more: NodeAttributes = {}): void => {
    if (path === '/' || files.stat(path) !== undefined) return;
    folder(folderOf(path), style);
    const { userID, groupID } = STYLES[style];
    files.makeFolder(path, { ...ages(), userID, groupID, permissions: 0o755, ...more });
  };
  return {
    folder,
    file: (path, content, style, more = {}) => {
      folder(folderOf(path), style);
      const { publisher, ...attributes } = STYLES[style];
      const extendedAttributes = PUBLISHED.get(publisher) ?? NONE;
      files.writeFile(path, content, { ...ages(), ...attributes, extendedAttributes, ...more });
    },
    link: (path, target, style) => {
      folder(folderOf(path), style);
      const { userID, groupID } = STYLES[style];
      files.makeLink(path, target, { ...ages(), userID, groupID, permissions: 0o755 });
    },
  };
}
