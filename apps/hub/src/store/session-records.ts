import type { Store } from './schema.ts';

/** Then it ends, if nobody used it. */
const IDLE_MS = 30 * 24 * 3600 * 1000;

/** How exact "used" is: one write an hour, not one for each request. */
const NOTED_EVERY_MS = 3600 * 1000;

/** Who is signed in where, by the hash of the cookie. */
export class SessionRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async add(id: string, personID: string, now: Date): Promise<void> {
    const oldest = now.getTime() - IDLE_MS;
    await this.#store.deleteFrom('sessions').where('used_at', '<', oldest).execute();
    const row = { id, person_id: personID, used_at: now.getTime() };
    await this.#store.insertInto('sessions').values(row).execute();
  }

  /** @returns the id of the person */
  async use(id: string, now: Date): Promise<string | undefined> {
    const row = await this.#store.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined || row.used_at < now.getTime() - IDLE_MS) return undefined;
    if (row.used_at < now.getTime() - NOTED_EVERY_MS) {
      await this.#store
        .updateTable('sessions')
        .set({ used_at: now.getTime() })
        .where('id', '=', id)
        .execute();
    }
    return row.person_id;
  }

  async remove(id: string): Promise<void> {
    await this.#store.deleteFrom('sessions').where('id', '=', id).execute();
  }

  async removeOthers(personID: string, keptID: string): Promise<void> {
    const ofPerson = this.#store.deleteFrom('sessions').where('person_id', '=', personID);
    await ofPerson.where('id', '!=', keptID).execute();
  }
}
