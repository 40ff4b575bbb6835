/** Plain content that waits for readers who may never come; then the oldest is given up. */
const WAITING_BYTES_MAX = 48 * 1024 * 1024;

/** Blobs that were fetched in one call. */
export interface OpenedTogether {
  /** By id: the content of each that is what was stored. */
  readonly plain: ReadonlyMap<string, Uint8Array>;
  /** Gives back their memory. */
  free(): void;
}

/** A blob on its way. */
export interface ComingBlob {
  readonly id: string;
  /** Plain. */
  readonly bytes: number;
}

/** A blob that was on its way before it was asked for. */
export interface TakenBlob {
  /** `undefined`: it has to be read as if nobody had foreseen it. */
  readonly plain: Uint8Array | undefined;
  /** Its memory is of no more use. Whoever keeps it does not call this. */
  done(): void;
}

interface Group {
  readonly opened: Promise<OpenedTogether | undefined>;
  /** Readers who are not done yet. */
  readersLeft: number;
}

interface Waiting extends ComingBlob {
  readonly group: Group;
  /** A file may hold a blob more than once. */
  readersLeft: number;
}

/** What will be read soon. Each blob is held until as many readers as were announced have taken it. */
export class BlobsAhead {
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Announces one reader more. @returns whether the blob is on its way */
  join(id: string): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return false;
    waiting.readersLeft += 1;
    waiting.group.readersLeft += 1;
    return true;
  }

  /** Announces one reader for each. @param opened may fail: then all are read as if nobody had foreseen them */
  add(blobs: readonly ComingBlob[], opened: Promise<OpenedTogether>): void {
    const group: Group = { opened: opened.catch(() => undefined), readersLeft: blobs.length };
    for (const blob of blobs) {
      this.#waiting.set(blob.id, { ...blob, group, readersLeft: 1 });
      this.#bytes += blob.bytes;
    }
    for (const oldest of this.#waiting.values()) {
      if (this.#bytes <= WAITING_BYTES_MAX) return;
      this.#forget(oldest);
    }
  }

  /** @returns `undefined` if it was not announced */
  async take(id: string): Promise<TakenBlob | undefined> {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    this.#countReader(waiting);
    const { group } = waiting;
    return { plain: (await group.opened)?.plain.get(id), done: () => leave(group) };
  }

  /** A reader that was announced does not come. */
  forgo(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#countReader(waiting);
    leave(waiting.group);
  }

  #countReader(waiting: Waiting): void {
    waiting.readersLeft -= 1;
    if (waiting.readersLeft === 0) this.#forget(waiting);
  }

  #forget({ id, bytes }: Waiting): void {
    this.#waiting.delete(id);
    this.#bytes -= bytes;
  }
}

function leave(group: Group): void {
  group.readersLeft -= 1;
  if (group.readersLeft === 0) void group.opened.then((opened) => opened?.free());
}
