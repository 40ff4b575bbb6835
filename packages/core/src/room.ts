/**
 * Room for a limited amount: of work at a time, or of bytes in memory. Who comes first is let in first.
 *
 * Not `Promise.race` over all that runs: each call of that leaves something behind in every promise that is still waited
 * for, and one that takes long gathers as many as there were calls.
 */
export class Room {
  readonly #limit: number;
  readonly #waiting: { readonly amount: number; readonly enter: () => void }[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns when there is room for so much. More than the limit is let in when nothing else is there. */
  async take(amount = 1): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(amount)) {
      this.#taken += amount;
      return;
    }
    await new Promise<void>((enter) => this.#waiting.push({ amount, enter }));
  }

  /** @param amount as it was taken */
  giveBack(amount = 1): void {
    this.#taken -= amount;
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#fits(next.amount);
      next = this.#waiting[0]
    ) {
      this.#taken += next.amount;
      this.#waiting.shift();
      next.enter();
    }
  }

  #fits(amount: number): boolean {
    return this.#taken === 0 || this.#taken + amount <= this.#limit;
  }
}
