import { randomUUID } from 'node:crypto';
import { type Clock, Secret } from '@rootcellar/core';
import { type BackupLibrary, type ReadableBackup, readBackup } from '@rootcellar/operations';
import { hubError } from '../errors.ts';

/** After so long without use it is closed. */
const IDLE_MS = 15 * 60_000;

/** Each holds a copy of its list of files on the disk, and one open database. */
const OPEN_MAX = 12;
const OPEN_OF_SESSION_MAX = 3;

/** What a person looks into. */
export interface OpenedBackup {
  readonly id: string;
  readonly sessionID: string;
  readonly udid: string;
  readonly backupID: string;
  readonly backup: ReadableBackup['backup'];
  /** What was chosen to be downloaded together: fileIDs, by an id of ours. */
  readonly selections: Map<string, readonly string[]>;
}

interface Held {
  readonly opened: OpenedBackup;
  readonly close: () => void;
  readonly closed: Promise<void>;
  usedMs: number;
  /** Downloads that still read. */
  readers: number;
}

/** Backups that are open to be looked into, each for one session. Their keys are in memory as long. */
export class OpenBackups {
  readonly #library: BackupLibrary;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  readonly #closing = new AbortController();

  constructor(library: BackupLibrary, clock: Clock) {
    this.#library = library;
    this.#clock = clock;
  }

  /** @throws what `readBackup` throws */
  async open(wanted: {
    readonly backupID: string;
    readonly udid: string;
    readonly sessionID: string;
    readonly password: string | undefined;
  }): Promise<OpenedBackup> {
    const { backupID, udid, sessionID, password } = wanted;
    this.#makeRoom(sessionID);
    const id = randomUUID();
    const opened = Promise.withResolvers<OpenedBackup>();
    const done = Promise.withResolvers<void>();
    const closed = readBackup(
      {
        what: this.#library.openable(backupID),
        signal: this.#closing.signal,
        ...(password !== undefined && { password: async () => new Secret(password) }),
      },
      async ({ backup }) => {
        opened.resolve({ id, sessionID, udid, backupID, backup, selections: new Map() });
        await done.promise;
      },
    );
    closed.catch((error: unknown) => opened.reject(error));
    const ready = await opened.promise;
    const held: Held = {
      opened: ready,
      close: done.resolve,
      closed: closed.catch(() => {}),
      usedMs: this.#nowMs(),
      readers: 0,
    };
    this.#held.set(id, held);
    return ready;
  }

  /** @throws `hub.browse-closed` */
  find(id: string, sessionID: string): OpenedBackup {
    return this.#find(id, sessionID).opened;
  }

  /** It stays open until `release` is called. @throws `hub.browse-closed` */
  hold(id: string, sessionID: string): { readonly opened: OpenedBackup; readonly release: () => void } {
    const held = this.#find(id, sessionID);
    held.readers += 1;
    let isHeld = true;
    return {
      opened: held.opened,
      release: () => {
        if (isHeld) held.readers -= 1;
        isHeld = false;
        held.usedMs = this.#nowMs();
        if (!this.#held.has(id) && held.readers === 0) held.close();
      },
    };
  }

  close(id: string, sessionID: string): void {
    this.#find(id, sessionID);
    this.#end(id);
  }

  /** Before a backup is deleted. */
  closeBackup(backupID: string): void {
    for (const [id, { opened }] of this.#held) if (opened.backupID === backupID) this.#end(id);
  }

  async closeAll(): Promise<void> {
    this.#closing.abort();
    const all = [...this.#held.values()];
    for (const { opened } of all) this.#end(opened.id);
    for (const held of all) held.close();
    await Promise.all(all.map(({ closed }) => closed));
  }

  #find(id: string, sessionID: string): Held {
    this.#closeIdle();
    const held = this.#held.get(id);
    if (held === undefined || held.opened.sessionID !== sessionID) throw hubError('browse-closed');
    held.usedMs = this.#nowMs();
    return held;
  }

  /** Once nobody reads in it any more. */
  #end(id: string): void {
    const held = this.#held.get(id);
    this.#held.delete(id);
    if (held?.readers === 0) held.close();
  }

  #closeIdle(): void {
    const oldest = this.#nowMs() - IDLE_MS;
    for (const [id, held] of this.#held) if (held.usedMs < oldest && held.readers === 0) this.#end(id);
  }

  #makeRoom(sessionID: string): void {
    this.#closeIdle();
    const byAge = [...this.#held.values()].sort((a, b) => a.usedMs - b.usedMs);
    const own = byAge.filter(({ opened }) => opened.sessionID === sessionID);
    const tooMany = own.length >= OPEN_OF_SESSION_MAX ? own[0] : undefined;
    const over = byAge.length >= OPEN_MAX ? byAge[0] : undefined;
    for (const held of [tooMany, over]) if (held) this.#end(held.opened.id);
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
