import { randomUUID } from 'node:crypto';
import { hubError } from '../errors.ts';
import type { PeopleTable, Store } from './schema.ts';

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly isOperator: boolean;
  readonly password: string | null;
}

/** Accounts of the people of this hub. */
export class PeopleRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async byID(id: string): Promise<PersonRecord | undefined> {
    return asPerson(
      await this.#store.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst(),
    );
  }

  async byName(name: string): Promise<PersonRecord | undefined> {
    const query = this.#store.selectFrom('people').selectAll().where('name_key', '=', keyOf(name));
    return asPerson(await query.executeTakeFirst());
  }

  async all(): Promise<readonly PersonRecord[]> {
    const rows = await this.#store.selectFrom('people').selectAll().orderBy('created_at').execute();
    return rows.map(fromRow);
  }

  /** @throws `hub.name-taken` */
  async add(person: Omit<PersonRecord, 'id'>, now: Date): Promise<PersonRecord> {
    const id = randomUUID();
    const { name, password, isOperator } = person;
    const row = { id, name, name_key: keyOf(name), password, is_operator: isOperator ? 1 : 0 };
    const { numInsertedOrUpdatedRows } = await this.#store
      .insertInto('people')
      .values({ ...row, created_at: now.getTime() })
      .onConflict((conflict) => conflict.column('name_key').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) throw hubError('name-taken');
    return { id, ...person };
  }

  async setPassword(id: string, password: string): Promise<void> {
    await this.#store.updateTable('people').set({ password }).where('id', '=', id).execute();
  }
}

/** "Ann" and "ann" would be taken for each other. */
function keyOf(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function asPerson(row: PeopleTable | undefined): PersonRecord | undefined {
  return row && fromRow(row);
}

function fromRow({ id, name, is_operator, password }: PeopleTable): PersonRecord {
  return { id, name, isOperator: is_operator === 1, password };
}
