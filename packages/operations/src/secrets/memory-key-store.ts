import { type KeyStore, type KeyStoreState, requireOpen } from './key-store.ts';

/** A key store in memory, for tests: its owner locks it, takes it away, or breaks it. */
export interface MemoryKeyStore extends KeyStore {
  readonly items: Map<string, { readonly label: string; readonly text: string }>;
  become(state: KeyStoreState): void;
  /** What is put in then comes out as another text. */
  forge: boolean;
}

export function memoryKeyStore(): MemoryKeyStore {
  const items: MemoryKeyStore['items'] = new Map();
  let state: KeyStoreState = 'open';
  return {
    items,
    forge: false,
    become: (next) => {
      state = next;
    },
    state: async () => state,
    async get(item) {
      requireOpen(state);
      return items.get(item)?.text;
    },
    async set(item, entry) {
      requireOpen(state);
      items.set(item, this.forge ? { ...entry, text: 'forged' } : entry);
    },
    async delete(item) {
      requireOpen(state);
      items.delete(item);
    },
  };
}
