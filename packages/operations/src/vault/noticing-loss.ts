import { type ReadableTree, saysDamage } from '@rootcellar/core';
import { storageError, vaultError } from '@rootcellar/vault';

/** What a vault says that cannot give what was stored in it. */
const LOSSES = ['blob-missing', 'blob-damaged', 'tree-damaged'] as const;

/**
 * The same tree, which remembers whether a vault could not give something of it. What is stored as it is, and wrong, is no
 * loss: no check of the vault would find that.
 */
export function noticingLoss(tree: ReadableTree): {
  readonly tree: ReadableTree;
  /** Was there any so far? */
  lost(): boolean;
} {
  let isLost = false;
  const notice = (error: unknown): never => {
    if (saysLoss(error)) isLost = true;
    throw error;
  };
  async function* noticed<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void> {
    try {
      yield* items;
    } catch (error) {
      notice(error);
    }
  }
  const foresee = tree.foresee?.bind(tree);
  return {
    tree: {
      list: (folder) => noticed(tree.list(folder)),
      stat: (path) => tree.stat(path).catch(notice),
      read: (path, range, options) => noticed(tree.read(path, range, options)),
      ...(foresee && { foresee }),
    },
    lost: () => isLost,
  };
}

function saysLoss(error: unknown): boolean {
  const isOfStorage = storageError.matches(error) && saysDamage(error);
  return isOfStorage || LOSSES.some((name) => vaultError.matches(error, name));
}
