import { faultyStorage, type Storage } from '@rootcellar/vault';

/** A look over the shoulder of a storage: the folders that were listed, in their order. */
export function notingLists(): {
  readonly listed: readonly string[];
  readonly watch: (storage: Storage) => Storage;
} {
  const listed: string[] = [];
  const watch = (storage: Storage): Storage =>
    faultyStorage(storage, {
      before({ kind, name }) {
        if (kind === 'list') listed.push(name);
      },
    });
  return { listed, watch };
}
