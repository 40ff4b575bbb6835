import { backupError } from '../errors.ts';

/*
 * Our own matcher, because the libraries translate to regular expressions: for `*a*a*a*a*b` against 120 letters picomatch
 * took 1.8 s and Node's `matchesGlob` 1.6 s, and with `*a` twice more picomatch did not end within a minute. Here a
 * pattern is a list of steps that are tried side by side, so time grows with the lengths of pattern and text alone.
 */

/** Nobody types more; the time for one path is at most this times its length. */
const PATTERN_CHARACTERS_MAX = 1000;

const BRACES_DEPTH_MAX = 20;

/** One step of a pattern; steps are named by their index. */
type Step =
  | { readonly kind: 'character'; readonly fits: (character: string) => boolean }
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  | { readonly kind: 'end' };

/**
 * Makes a test for paths out of a pattern: `*` is any text in one name, `**` in several, `?` one character, `[a-z]` and
 * `[!a-z]` one of some, `{jpg,heic}` one text or the other, `\` takes the next character as it is. A pattern without
 * `/` is compared with the last name of a path. Capitals do not matter, nor how accents are spelled.
 *
 * @throws `backup.pattern-too-long`
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  if (pattern.length > PATTERN_CHARACTERS_MAX) {
    throw backupError('pattern-too-long', { charactersMax: PATTERN_CHARACTERS_MAX });
  }
  const steps = new GlobParser(folded(pattern)).steps();
  const matching = new Matching(steps);
  return pattern.includes('/')
    ? (path) => matching.fits(folded(path))
    : (path) => matching.fits(folded(path.slice(path.lastIndexOf('/') + 1)));
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

class GlobParser {
  readonly #pattern: readonly string[];
  readonly #steps: Step[] = [];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = [...pattern];
  }

  steps(): readonly Step[] {
    while (this.#at < this.#pattern.length) this.#item(0);
    this.#steps.push({ kind: 'end' });
    return this.#steps;
  }

  #item(depth: number): void {
    const character = this.#pattern[this.#at++] as string;
    if (character === '*') this.#star();
    else if (character === '?') this.#one((other) => other !== '/');
    else if (character === '[') this.#class();
    else if (character === '{') this.#braces(depth);
    else this.#literal(character === '\\' ? (this.#pattern[this.#at++] ?? '\\') : character);
  }

  #literal(character: string): void {
    this.#one((other) => other === character);
  }

  #one(fits: (character: string) => boolean): void {
    this.#steps.push({ kind: 'character', fits });
  }

  /** `**` with a slash behind it may also be nothing at all. */
  #star(): void {
    const isDouble = this.#pattern[this.#at] === '*';
    while (this.#pattern[this.#at] === '*') this.#at++;
    const isFolders = isDouble && this.#pattern[this.#at] === '/';
    const start = this.#steps.length;
    this.#steps.push({ kind: 'fork', to: [start + 1, isFolders ? start + 4 : start + 3] });
    this.#one(isDouble ? () => true : (character) => character !== '/');
    this.#steps.push({ kind: 'fork', to: isFolders ? [start + 1, start + 3] : [start] });
    if (!isFolders) return;
    this.#at++;
    this.#literal('/');
  }

  /** `[` without an end is a bracket like any other. */
  #class(): void {
    const isNot = this.#pattern[this.#at] === '!' || this.#pattern[this.#at] === '^';
    const start = this.#at + (isNot ? 1 : 0);
    const end = this.#pattern.indexOf(']', start + 1);
    if (end < 0) {
      this.#literal('[');
      return;
    }
    const members = this.#pattern.slice(start, end);
    this.#at = end + 1;
    this.#one((character) => character !== '/' && isMember(members, character) !== isNot);
  }

  /** `{` without an end is a brace like any other. */
  #braces(depth: number): void {
    const ends = this.#alternativeEnds(this.#at);
    if (ends === undefined || depth >= BRACES_DEPTH_MAX) {
      this.#literal('{');
      return;
    }
    const fork: number[] = [];
    const afterAll: number[] = [];
    const forkAt = this.#steps.push({ kind: 'fork', to: fork }) - 1;
    for (const end of ends) {
      fork.push(this.#steps.length);
      while (this.#at < end) this.#item(depth + 1);
      this.#at = end + 1;
      afterAll.push(this.#steps.push({ kind: 'fork', to: [] }) - 1);
    }
    for (const index of afterAll) this.#steps[index] = { kind: 'fork', to: [this.#steps.length] };
    this.#steps[forkAt] = { kind: 'fork', to: fork };
  }

  /** Where the commas and the closing brace stand that belong to the brace before `start`. */
  #alternativeEnds(start: number): readonly number[] | undefined {
    const ends: number[] = [];
    for (let at = start, depth = 0; at < this.#pattern.length; at++) {
      const character = this.#pattern[at];
      if (character === '\\') at++;
      else if (character === '{') depth++;
      else if (character === ',' && depth === 0) ends.push(at);
      else if (character === '}' && depth-- === 0) return [...ends, at];
    }
    return undefined;
  }
}

function isMember(members: readonly string[], character: string): boolean {
  for (let at = 0; at < members.length; at++) {
    const [first, dash, last] = [members[at] as string, members[at + 1], members[at + 2]];
    if (dash === '-' && last !== undefined) {
      if (first <= character && character <= last) return true;
      at += 2;
    } else if (first === character) {
      return true;
    }
  }
  return false;
}

class Matching {
  readonly #steps: readonly Step[];
  /** For each step, the character before which it was last reached. */
  readonly #reachedAt: Int32Array;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#reachedAt = new Int32Array(steps.length);
  }

  fits(text: string): boolean {
    this.#reachedAt.fill(-1);
    let position = 0;
    let reached = this.#reach([0], position);
    for (const character of text) {
      if (reached.length === 0) return false;
      position++;
      const next: number[] = [];
      for (const index of reached) {
        const step = this.#steps[index] as Step;
        if (step.kind === 'character' && step.fits(character)) next.push(index + 1);
      }
      reached = this.#reach(next, position);
    }
    return reached.some((index) => this.#steps[index]?.kind === 'end');
  }

  /** All steps that can be taken from these without a character, each once. */
  #reach(from: readonly number[], position: number): readonly number[] {
    const reached: number[] = [];
    for (const open = [...from]; open.length > 0; ) {
      const index = open.pop() as number;
      if (this.#reachedAt[index] === position) continue;
      this.#reachedAt[index] = position;
      const step = this.#steps[index] as Step;
      if (step.kind === 'fork') open.push(...step.to);
      else reached.push(index);
    }
    return reached;
  }
}
