import type { Random } from '@rootcellar/core';

/** Somebody invented. Numbers are of the ranges kept free for films and books. */
export interface Person {
  readonly first: string;
  readonly last: string;
  readonly phone: string;
  readonly email: string;
}

const FIRST = [
  'Amelie',
  'Björn',
  'Chiara',
  'Dmitri',
  'Eun-ji',
  'Fatima',
  'Gísli',
  'Hana',
  'Inês',
  'Jonas',
  'Kofi',
  'Lucía',
];
const LAST = [
  'Abend',
  'Brandt',
  'Castellón',
  'Dufour',
  'Eriksen',
  'Farouk',
  'Grünwald',
  'Håkansson',
  'Ishikawa',
  'Novák',
];

/** Different people, always the same for a seed. */
export function inventPeople(random: Random, count: number): readonly Person[] {
  const people = new Map<string, Person>();
  for (let attempt = 0; people.size < count && attempt < count * 100; attempt += 1) {
    const [first, last] = [random.pick(FIRST), random.pick(LAST)];
    const phone = `+1555010${String(people.size).padStart(2, '0')}`;
    const email = `${plain(first)}.${plain(last)}@example.org`;
    if (!people.has(email)) people.set(email, { first, last, phone, email });
  }
  return [...people.values()];
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-z]/gi, '')
    .toLowerCase();
}
