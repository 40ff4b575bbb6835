import { hubError } from '../errors.ts';
import type { PersonRecord } from '../store/people-records.ts';

type Person = Pick<PersonRecord, 'id' | 'isOperator'>;

/** Whose a phone is; `null` while it is nobody's. */
export type OwnerOf = (udid: string) => string | null;

/**
 * Who may do what.
 *
 * - *state*: that a phone is there, that it is backed up, sizes. Its owner and the operator; a phone that is nobody's,
 *   everybody, because it lies there.
 * - *content*: what is in backups, and all that changes something. Its owner; of a phone that is nobody's, the
 *   operator, who started the hub and so could read the disk anyway.
 */
export function maySeeState(person: Person, ownerID: string | null): boolean {
  return ownerID === null || ownerID === person.id || person.isOperator;
}

export function mayUseContent(person: Person, ownerID: string | null): boolean {
  return ownerID === null ? person.isOperator : ownerID === person.id;
}

/** Of backups even that they are there is only for those who may use them, and for the operator. */
export function maySeeBackups(person: Person, ownerID: string | null): boolean {
  return person.isOperator || mayUseContent(person, ownerID);
}

/** @throws `hub.device-of-another` for the operator, who sees it; `missing` for everybody else */
export function requireContent(person: Person, ownerID: string | null, missing: () => Error): void {
  if (mayUseContent(person, ownerID)) return;
  throw person.isOperator ? hubError('device-of-another') : missing();
}
