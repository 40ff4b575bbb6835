import { operationError } from '../errors.ts';

/**
 * `open`: it takes and gives secrets without asking anybody. `locked`: its owner has to unlock it first. `absent`: there
 * is none, or none that lasts.
 */
export type KeyStoreState = 'open' | 'locked' | 'absent';

/** What an operating system has for keeping short texts, sealed with the password of whoever is signed in. */
export interface KeyStore {
  /** Never asks anybody for anything, and ends within seconds. */
  state(): Promise<KeyStoreState>;
  /**
   * @returns `undefined` if it has no such item
   * @throws `operation.key-store-locked`, `operation.key-store-out-of-reach`, `operation.key-store-failed`
   */
  get(item: string): Promise<string | undefined>;
  /**
   * @param item letters and digits, ours alone
   * @param entry.label what people read in the program that shows the key store
   * @param entry.text printable ASCII without spaces
   * @throws as `get`
   */
  set(item: string, entry: { readonly label: string; readonly text: string }): Promise<void>;
  /** What is not there is no error. @throws as `get` */
  delete(item: string): Promise<void>;
}

/** @throws `operation.key-store-locked`, `operation.key-store-out-of-reach` */
export function requireOpen(state: KeyStoreState): void {
  if (state === 'locked') throw operationError('key-store-locked');
  if (state === 'absent') throw operationError('key-store-out-of-reach');
}
