import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Clock } from '@rootcellar/core';
import { hubError } from '../errors.ts';
import type { Caller } from '../http/caller.ts';
import { PeopleRecords, type PersonRecord } from '../store/people-records.ts';
import type { Store } from '../store/schema.ts';
import { SessionRecords } from '../store/session-records.ts';
import { Attempts } from './attempts.ts';
import { hashPassword, isPassword } from './passwords.ts';

const TOKEN_BYTES = 32;

/** Somebody who is signed in, and where. */
export interface SignedIn {
  readonly person: PersonRecord;
  /** Names the session; it is not what the cookie holds. */
  readonly sessionID: string;
}

/** A new session: every sign-in makes one, whatever cookie was sent, so that nobody can prepare one for another. */
export interface NewSession extends SignedIn {
  /** For the cookie. */
  readonly token: string;
}

/** Who may come in, and how. */
export class SignIn {
  readonly people: PeopleRecords;
  readonly #sessions: SessionRecords;
  readonly #clock: Clock;
  readonly #attempts: Attempts;
  readonly #onCode: (code: string) => void;
  readonly #isFirstAnywhere: boolean;
  #code: string;

  /**
   * @param options.onCode hears the code that signs in once, at first and again after each use
   * @param options.isFirstAnywhere until somebody has a password, the code works from other computers too
   */
  constructor(
    store: Store,
    clock: Clock,
    options: { readonly onCode: (code: string) => void; readonly isFirstAnywhere: boolean },
  ) {
    const { onCode, isFirstAnywhere } = options;
    this.#isFirstAnywhere = isFirstAnywhere;
    this.people = new PeopleRecords(store);
    this.#sessions = new SessionRecords(store);
    this.#clock = clock;
    this.#attempts = new Attempts(clock);
    this.#onCode = onCode;
    this.#code = newToken();
    onCode(this.#code);
  }

  /**
   * The link in the terminal: whoever can read it, at this computer, is the operator. From elsewhere accounts have passwords.
   * @throws `hub.link-elsewhere`, `hub.link-used`, `hub.too-many-attempts`
   */
  async withCode(code: string, { remoteAddress, isHere }: Caller): Promise<NewSession> {
    // Before the code is looked at: from elsewhere a right one is refused like a wrong one.
    if (!isHere && !(this.#isFirstAnywhere && (await this.#isWithoutPasswords())))
      throw hubError('link-elsewhere');
    const keys = [`link ${remoteAddress}`];
    this.#attempts.begin(keys);
    if (!isSame(code, this.#code)) throw hubError('link-used');
    this.#attempts.succeeded(keys);
    this.#code = newToken();
    this.#onCode(this.#code);
    return this.#begin(await this.#operator());
  }

  /** @throws `hub.sign-in-wrong`, `hub.too-many-attempts` */
  async withPassword(name: string, password: string, address: string): Promise<NewSession> {
    const keys = [`name ${name.normalize('NFKC').trim().toLowerCase()}`, `address ${address}`];
    this.#attempts.begin(keys);
    const person = await this.people.byName(name);
    if (!(await isPassword(password, person?.password)) || person === undefined)
      throw hubError('sign-in-wrong');
    this.#attempts.succeeded(keys);
    return this.#begin(person);
  }

  async whoHas(token: string | undefined): Promise<SignedIn | undefined> {
    if (token === undefined || token.length > 2 * TOKEN_BYTES) return undefined;
    const sessionID = hashOf(token);
    const personID = await this.#sessions.use(sessionID, this.#clock.now());
    const person = personID === undefined ? undefined : await this.people.byID(personID);
    return person && { person, sessionID };
  }

  async signOut({ sessionID }: SignedIn): Promise<void> {
    await this.#sessions.remove(sessionID);
  }

  /** @throws `hub.name-taken`, `hub.operator-only` */
  async addPerson(by: PersonRecord, name: string, password: string): Promise<PersonRecord> {
    if (!by.isOperator) throw hubError('operator-only');
    const hashed = await hashPassword(password);
    return this.people.add({ name: name.trim(), password: hashed, isOperator: false }, this.#clock.now());
  }

  /** @throws `hub.sign-in-wrong`, `hub.too-many-attempts` */
  async changePassword(
    { person, sessionID }: SignedIn,
    passwords: { readonly oldPassword?: string | undefined; readonly newPassword: string },
  ): Promise<void> {
    const keys = [`change ${person.id}`];
    this.#attempts.begin(keys);
    if (person.password !== null && !(await isPassword(passwords.oldPassword ?? '', person.password))) {
      throw hubError('sign-in-wrong');
    }
    this.#attempts.succeeded(keys);
    await this.people.setPassword(person.id, await hashPassword(passwords.newPassword));
    await this.#sessions.removeOthers(person.id, sessionID);
  }

  async #begin(person: PersonRecord): Promise<NewSession> {
    const token = newToken();
    const sessionID = hashOf(token);
    await this.#sessions.add(sessionID, person.id, this.#clock.now());
    return { person, sessionID, token };
  }

  async #isWithoutPasswords(): Promise<boolean> {
    return (await this.people.all()).every(({ password }) => password === null);
  }

  /** The first person of a hub is who started it. */
  async #operator(): Promise<PersonRecord> {
    const operator = (await this.people.all()).find(({ isOperator }) => isOperator);
    if (operator !== undefined) return operator;
    return this.people.add({ name: nameOfUser(), password: null, isOperator: true }, this.#clock.now());
  }
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(one)), Buffer.from(hashOf(other)));
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator'; // A user without an entry in the system's list, as in containers.
  }
}
