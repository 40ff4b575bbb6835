/** `flock` bits as clients send them. Source: libimobiledevice, `include/libimobiledevice/afc.h`, `afc_lock_op_t`. */
const SHARED = 1;
const EXCLUSIVE = 2;
const UNLOCK = 8;

interface Lock {
  readonly exclusive: boolean;
  readonly holders: Set<object>;
}

/** Who holds which file, over all AFC connections of one phone. */
export class AfcLocks {
  readonly #locks = new Map<string, Lock>();

  /**
   * A lock that would have to be waited for is refused, even without the non-blocking bit: an answer that
   * waits would hold up everything else on the connection.
   *
   * @param holder the open file that holds the lock
   * @returns `undefined` for an operation that does not exist
   */
  change(path: string, holder: object, operation: number): 'done' | 'held-by-another' | undefined {
    if (operation & UNLOCK) {
      this.release(path, holder);
      return 'done';
    }
    if (!(operation & (SHARED | EXCLUSIVE))) return undefined;
    const exclusive = (operation & EXCLUSIVE) !== 0;
    const held = this.#locks.get(path);
    const others = held ? [...held.holders].filter((other) => other !== holder) : [];
    if (held && others.length > 0 && (exclusive || held.exclusive)) return 'held-by-another';
    this.#locks.set(path, { exclusive, holders: new Set([...others, holder]) });
    return 'done';
  }

  release(path: string, holder: object): void {
    const held = this.#locks.get(path);
    held?.holders.delete(holder);
    if (held?.holders.size === 0) this.#locks.delete(path);
  }
}
