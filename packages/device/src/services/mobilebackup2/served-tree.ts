import {
  isInside,
  KnownError,
  type TreePath,
  treeError,
  treePath,
  type WritableTree,
} from '@rootcellar/core';

/**
 * A tree as a device may see it: names from the device become checked paths here, and only here.
 *
 * A device names files relative to the folder that holds the backups of all devices, so that a name
 * inside another device's backup is as wrong as one outside the tree.
 */
export interface ServedTree extends WritableTree {
  /**
   * @throws `tree.path-unsafe`, which is also remembered in `refusal`, if the name leads out of the
   *   backups that this device may touch
   */
  pathOf(name: string): TreePath;
  /** The first name that was refused: whoever sends such a name is broken or hostile. */
  readonly refusal: KnownError | undefined;
}

/** The longest path of a phone. Names are measured before anything else is done with them. */
const NAME_CHARACTERS_MAX = 4096;

/**
 * @param identifiers the folders this device may touch: its own, and the one it is restored from
 * @throws `tree.path-unsafe` if one of them is no name of a folder
 */
export function servedTree(tree: WritableTree, identifiers: readonly string[]): ServedTree {
  const folders = identifiers.map(folderNamed);
  let refusal: KnownError | undefined;

  const check = (name: string): TreePath => {
    if (name.length > NAME_CHARACTERS_MAX) throw treeError('path-unsafe', { reason: 'too long' });
    // Some messages begin their names with a slash. Source: device-protocols §7.5, "Paths".
    const path = treePath(name.replace(/^\/+/, '').replace(/\/+$/, ''));
    if (!folders.some((folder) => isInside(path, folder))) {
      throw treeError('path-unsafe', { reason: 'not a file of this backup' });
    }
    return path;
  };
  return {
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    read: (path, range, options) => tree.read(path, range, options),
    foresee: async (paths) => tree.foresee?.(paths),
    makeFolder: (path) => tree.makeFolder(path),
    write: (path, content) => tree.write(path, content),
    move: (from, to) => tree.move(from, to),
    remove: (path) => tree.remove(path),
    freeBytes: () => tree.freeBytes(),
    flush: () => tree.flush(),
    get refusal() {
      return refusal;
    },
    pathOf(name) {
      try {
        return check(name);
      } catch (error) {
        if (error instanceof KnownError) refusal ??= error;
        throw error;
      }
    },
  };
}

/** One folder of the tree, never the tree itself: an empty name would open all of them. */
function folderNamed(identifier: string): TreePath {
  if (identifier === '' || identifier.includes('/')) {
    throw treeError('path-unsafe', { reason: 'not the name of a folder' });
  }
  return treePath(identifier);
}
