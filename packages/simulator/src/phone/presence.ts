import type { ConnectionType, DetachReason } from '../mux/attachments.ts';

/** How the phone can be reached now; after a change also why it was lost. */
export interface Reach {
  readonly connections: readonly ConnectionType[];
  readonly lostBecause: DetachReason;
}

/** Whether the phone runs, hangs at the cable and is in the Wi-Fi of the computer. */
export class Presence {
  readonly #watchers = new Set<(reach: Reach) => void>();
  #running = true;
  #cable = true;
  #wifi = false;

  get running(): boolean {
    return this.#running;
  }

  get plugged(): boolean {
    return this.#cable;
  }

  get onWifi(): boolean {
    return this.#wifi;
  }

  get connections(): readonly ConnectionType[] {
    if (!this.#running) return [];
    return [...(this.#cable ? (['USB'] as const) : []), ...(this.#wifi ? (['Network'] as const) : [])];
  }

  /** @returns how to stop */
  watch(watcher: (reach: Reach) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  setPlugged(plugged: boolean): void {
    this.#cable = plugged;
    this.#tell('unplugged');
  }

  setOnWifi(onWifi: boolean): void {
    this.#wifi = onWifi;
    this.#tell('unplugged');
  }

  setRunning(running: boolean): void {
    this.#running = running;
    this.#tell('restarted');
  }

  #tell(lostBecause: DetachReason): void {
    const reach = { connections: this.connections, lostBecause };
    for (const watcher of [...this.#watchers]) watcher(reach);
  }
}
