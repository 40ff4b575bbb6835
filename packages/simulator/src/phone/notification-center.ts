import type { NotificationCenter } from './phone.ts';

/** Hands every posted name to all who listen at that moment; nothing is kept for later. */
export function notificationCenter(): NotificationCenter {
  const listeners = new Set<(name: string) => void>();
  return {
    post: (name) => {
      for (const listener of [...listeners]) listener(name);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
